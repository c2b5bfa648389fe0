import { describe, expect, test } from 'vitest'
import { layOut, type Layout, type Level } from './layout'
import { anchorOf, anchored, detailAt, levelFor } from './zoom-levels'

const layout = (level: Level, nodes = 50): Layout => layOut({
  width: 864, height: 636, top: 58, bottom: 30, level, components: ['kube-apiserver', 'etcd', 'kube-scheduler'],
  nodes: Array.from({ length: nodes }, (_, i) => ({ key: `node-${i}`, zone: `zone-${i % 3}`, controlPlane: false })),
})
const unitOf = (of: Layout): number => (of.level === 'tiles' ? of.tileSize : (of.byId.get('node:node-0')?.width ?? 0))

describe('levels of detail', () => {
  test.each([['tiles', 'cards'], ['cards', 'pods']] as const)('%s become %s when one comes closer, and not back at once', (level, next) => {
    const before = layout(level)
    const after = layout(next)
    let zoom = 0.3
    while (levelFor(before, zoom) !== next) zoom *= 1.05
    expect(zoom).toBeLessThan(4)
    const same = (unitOf(before) * zoom) / unitOf(after)
    expect(levelFor(after, same)).toBeNull()
    expect(levelFor(after, same * 0.95)).toBeNull()
    expect(levelFor(after, same * 0.5)).toBe(level)
  })

  test('even the smallest tiles can be come close to', () => {
    const tiles = layout('tiles', 500)
    expect(tiles.tileSize).toBe(20)
    expect(levelFor(tiles, 4)).toBe('cards')
  })

  test('the node in the middle stays in the middle, as large as it was', () => {
    const tiles = layout('tiles')
    const view = { x: -300, y: -200, zoom: 1.3, width: 864, height: 636 }
    const anchor = anchorOf(tiles, view)
    expect(anchor).not.toBeNull()
    if (!anchor) return
    expect(Math.hypot(anchor.x - 432, anchor.y - 318)).toBeLessThan(120)
    expect(anchored(tiles, anchor)?.zoom).toBeCloseTo(1.3)
    const cards = layout('cards')
    const place = anchored(cards, anchor)
    const card = cards.byId.get(`node:${anchor.node}`)
    expect(place?.world).toEqual({ x: (card?.x ?? 0) + (card?.width ?? 0) / 2, y: (card?.y ?? 0) + (card?.height ?? 0) / 2 })
    expect((place?.zoom ?? 0) * unitOf(cards)).toBeCloseTo(1.3 * tiles.tileSize)
  })

  test('cards say counts from afar and more from near', () => expect([0.3, 0.6, 1, 1.5, 2].map(detailAt)).toEqual(['far', 'mid', 'mid', 'mid', 'near']))
})
