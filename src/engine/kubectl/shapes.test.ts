import { expect, test } from 'vitest'
import { facts } from '../apimachinery/facts.testing'
import { notFound, runFake } from './kubectl.testing'

const shapes = facts<{ shapes: any[] }>('corpus-kubectl-shapes').shapes.slice(0, 200)

test('the 200 commonest shapes of courses know their verbs and flags', () => {
  const unknown: string[] = []
  let tried = 0
  for (const s of shapes) {
    const line = `kubectl ${s.example}`
    if (/[|;&<>`$]/.test(line)) continue
    tried++
    const { stderr } = runFake(line, () => notFound, { stdin: '' })
    if (/--generator|plugin list|config set-credentials/.test(line)) continue // gone since v1.21, or about other machines
    if (/unknown (command|flag|shorthand)|never ends/.test(stderr)) unknown.push(`${line}: ${stderr.split('\n')[0]}`)
  }
  expect(tried).toBeGreaterThan(100)
  expect(unknown).toEqual([])
})
