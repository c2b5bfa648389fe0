import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { notFound, runFake } from './kubectl.testing'

const file = '/work/shared/kubernetes/facts/corpus-kubectl-shapes.json'
const shapes: any[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).shapes.slice(0, 200) : []

test.runIf(shapes.length > 0)('the 200 commonest shapes of courses know their verbs and flags', () => {
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
