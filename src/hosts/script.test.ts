import { describe, expect, test } from 'vitest'
import { parseScript } from './script'

const good = { preset: 'recorded', steps: [{ t: 1, cmd: 'kubectl get pods' }, { t: 2, fault: { kind: 'node-down', node: 'node-1' } }], end: 5 }

describe('a script', () => {
  test('has defaults', () => {
    expect(parseScript(JSON.stringify(good), 'x.json')).toMatchObject({ seed: 1, images: {}, preset: 'recorded' })
  })

  const wrong: readonly (readonly [string, unknown, string])[] = [
    ['no JSON', '{"a":', 'x.json: '],
    ['no end', { steps: [] }, 'x.json: end: '],
    ['an unknown field', { ...good, speed: 2 }, 'x.json: speed: '],
    ['a time that is none', { ...good, steps: [{ t: 'soon', cmd: 'kubectl get pods' }] }, 'x.json: steps.0.t: '],
    ['an unknown fault', { ...good, steps: [{ t: 1, fault: { kind: 'meteor', node: 'node-1' } }] }, 'x.json: steps.0.fault.kind: '],
    ['a fault without its subject', { ...good, steps: [{ t: 1, fault: { kind: 'node-down' } }] }, 'x.json: steps.0.fault.node: '],
  ]
  for (const [name, script, message] of wrong)
    test(`with ${name} is refused in one line that names the place`, () => {
      const text = typeof script === 'string' ? script : JSON.stringify(script)
      expect(() => parseScript(text, 'x.json')).toThrow(message)
      try {
        parseScript(text, 'x.json')
      } catch (error) {
        expect((error as Error).message).not.toContain('\n')
      }
    })
})
