import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { notFound, runFake } from './kubectl.testing'

const file = '/work/shared/kubernetes/facts/golden-kubectl-generators.json'
const cases: any[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).cases.filter((c: any) => c.appended) : []

test.each(cases.map((c) => [c.cmd as string, c]))('generator: %s', (cmd, c) => {
  const at = cmd.indexOf(' -- ')
  const line = at < 0 ? `${cmd} ${c.appended}` : `${cmd.slice(0, at)} ${c.appended}${cmd.slice(at)}`
  const ran = runFake(line, () => notFound)
  expect({ rc: ran.rc, stdout: ran.stdout, stderr: ran.stderr }).toEqual({ rc: c.rc, stdout: c.stdout, stderr: c.stderr })
  expect(ran.requests.length).toBe(0)
})
