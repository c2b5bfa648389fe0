import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readYaml } from '../apimachinery'
import { facts } from '../apimachinery/facts.testing'
import { printYaml } from './yaml-printer'

const dir = '/work/shared/kubernetes/goldens'
const same = (text: string): void => expect(printYaml((readYaml(text) as { value: unknown }).value)).toBe(text)

test('YAML that generators print is read and printed as it was', () => {
  let n = 0
  for (const c of facts<{ cases: readonly { appended?: string; stdout: string }[] }>('golden-kubectl-generators').cases) {
    if (!c.appended) continue
    for (const d of c.stdout.split(/^---\n/m).filter(Boolean)) {
      same(d)
      n++
    }
  }
  expect(n).toBeGreaterThan(20)
})

// The recordings are too large to be kept here; where they lie beside, all of them are tried.
test.runIf(existsSync(dir))('YAML of recordings is read and printed as it was', () => {
  let n = 0
  for (const f of readdirSync(dir)) {
    for (const c of (JSON.parse(readFileSync(`${dir}/${f}`, 'utf8')) as { commands: readonly { cmd?: string; rc: number; stdout: string }[] }).commands) {
      if (!c.cmd || !/-o yaml/.test(c.cmd) || c.rc) continue
      same(c.stdout)
      n++
    }
  }
  expect(n).toBeGreaterThan(10)
})
