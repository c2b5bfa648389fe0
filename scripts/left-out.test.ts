import { existsSync, readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { leftOutOf, leftOutRooms, readmes } from './left-out.mjs'
import { root } from './root.mjs'

describe('what this model leaves out', () => {
  const rooms = readdirSync(`${root}src/engine`, { withFileTypes: true }).filter((entry) => entry.isDirectory() && existsSync(`${root}src/engine/${entry.name}/index.ts`)).map(({ name }) => name)

  test.each(rooms)('the README of engine/%s says it', (room) => {
    expect(existsSync(`${root}src/engine/${room}/README.md`), 'no README.md').toBe(true)
    const readme = readmes().find((r) => r.room === `engine/${room}`)
    expect(leftOutOf(readme?.text ?? '').join(' ').length, 'no "Left out" section').toBeGreaterThan(20)
  })

  test('the page has every such room once, under a name', () => {
    const listed = leftOutRooms()
    expect(new Set(listed.map(({ room }) => room)).size).toBe(listed.length)
    expect(listed[0]).toMatchObject({ room: 'engine/kubectl', name: 'kubectl' })
    expect(listed.every(({ name, lines }) => name !== '' && lines.every((line: string) => line.trim() !== ''))).toBe(true)
  })

  test('sections, bold words and sentences are found, and end where they end', () => {
    expect(leftOutOf('# a\n## Left out\n\nOne\ngoes on.\n\n- Two\n  goes on\n- Three\n\n## Proof\nnot this')).toEqual(['One goes on.', '- Two goes on', '- Three'])
    expect(leftOutOf('# a\nText.\n\n**Left out**: this, that,\nand more.\n\nnot this')).toEqual(['this, that, and more.'])
    expect(leftOutOf('# a\nDecisions: some. Left out: packing.\n\nnot this')).toEqual(['packing.'])
    expect(leftOutOf('# a\n## Left out\nlast words')).toEqual(['last words'])
    expect(leftOutOf('# a\nEverything is in.')).toEqual([])
  })
})
