import { describe, expect, test } from 'vitest'
import { layOut, tileSpace, tilesPerRow, type LayoutInput } from './layout'

const components = ['kube-apiserver', 'etcd', 'kube-scheduler', 'kube-controller-manager']
const nodes = (count: number, controlPlane = false) => [
  ...(controlPlane ? [{ key: 'control-plane', zone: 'zone-a', controlPlane: true }] : []),
  ...Array.from({ length: count }, (_, i) => ({ key: `node-${i + 1}`, zone: `zone-${'abc'[i % 3]}`, controlPlane: false })),
]
const input = (extra: Partial<LayoutInput>): LayoutInput => ({ width: 864, height: 636, top: 58, bottom: 30, level: 'pods', components, nodes: nodes(3), ...extra })

describe('the layout of the map', () => {
  test('is the one of the design at 1440 × 900', () => {
    const { byId } = layOut(input({}))
    expect(byId.get('kube-apiserver')).toMatchObject({ x: 16, y: 242, width: 832, height: 76 })
    expect(byId.get('node:node-1')).toMatchObject({ x: 16, y: 364, height: 242 })
    expect(byId.get('node:node-2')?.x).toBeCloseTo(298.67, 1)
    expect(byId.get('you')).toMatchObject({ x: 16, y: 58, height: 138 })
  })

  test.each([
    ['three workers', input({})], ['with a control-plane node', input({ nodes: nodes(3, true) })], ['narrow', input({ width: 640 })],
    ['fifty as tiles', input({ level: 'tiles', nodes: nodes(50) })], ['five hundred as tiles', input({ level: 'tiles', nodes: nodes(500) })],
    ['fifty as cards', input({ level: 'cards', nodes: nodes(50) })], ['seven workers', input({ nodes: nodes(7) })],
  ])('%s: nothing overlaps, nothing sticks out', (_, given) => {
    const { items, width, height } = layOut(given)
    for (const a of items) {
      expect(a.x).toBeGreaterThanOrEqual(0)
      expect(a.x + a.width).toBeLessThanOrEqual(width)
      expect(a.y + a.height).toBeLessThanOrEqual(height)
      for (const b of items) {
        if (a === b) continue
        const apart = a.x + a.width <= b.x + 0.01 || b.x + b.width <= a.x + 0.01 || a.y + a.height <= b.y + 0.01 || b.y + b.height <= a.y + 0.01
        expect(apart, `${a.id} lies over ${b.id}`).toBe(true)
      }
    }
  })

  test('one control plane and three workers fit the window of the design', () => {
    expect(layOut(input({ height: 635, nodes: nodes(3, true) })).height).toBeLessThanOrEqual(635)
  })

  test('every node has an item, and every tile a place in its zone', () => {
    const layout = layOut(input({ level: 'tiles', nodes: nodes(500) }))
    expect(layout.ofNode.size).toBe(500)
    for (const [zone, keys] of layout.zones) {
      const item = layout.byId.get(`zone:${zone}`)
      const rows = Math.ceil(keys.length / tilesPerRow(item?.width ?? 0, layout.tileSize))
      expect(34 + rows * (layout.tileSize + tileSpace)).toBeLessThanOrEqual(item?.height ?? 0)
    }
  })

  test('components that the cluster has not are not drawn', () => {
    const { byId } = layOut(input({ components: ['kube-apiserver', 'etcd'] }))
    expect([...byId.keys()].filter((id) => !id.startsWith('node:')).sort()).toEqual(['etcd', 'kube-apiserver', 'you'])
  })
})
