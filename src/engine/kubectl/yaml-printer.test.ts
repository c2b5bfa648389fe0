import { expect, test } from 'vitest'
import { readFileSync, readdirSync } from 'node:fs'
import { readYaml } from "./yaml-reader"
import { printYaml } from './yaml-printer'
const dir = '/work/shared/kubernetes/goldens'
test('yaml of goldens prints as recorded', () => {
  let n = 0
  for (const f of readdirSync(dir)) for (const c of JSON.parse(readFileSync(`${dir}/${f}`, 'utf8')).commands) {
    if (!c.cmd || !/-o yaml/.test(c.cmd) || c.rc) continue
    expect(printYaml((readYaml(c.stdout) as any).value)).toBe(c.stdout); n++
  }
  for (const c of JSON.parse(readFileSync('/work/shared/kubernetes/facts/golden-kubectl-generators.json', 'utf8')).cases) {
    if (!c.appended) continue
    for (const d of c.stdout.split(/^---\n/m).filter(Boolean)) { expect(printYaml((readYaml(d) as any).value)).toBe(d); n++ }
  }
  expect(n).toBeGreaterThan(20)
})
