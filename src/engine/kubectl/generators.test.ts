import { expect, test } from 'vitest'
import { facts } from '../apimachinery/facts.testing'
import { notFound, runFake } from './kubectl.testing'

const cases = facts<{ cases: any[] }>('golden-kubectl-generators').cases.filter((c) => c.appended)

test.each(cases.map((c) => [c.cmd as string, c]))('generator: %s', (cmd, c) => {
  const at = cmd.indexOf(' -- ')
  const line = at < 0 ? `${cmd} ${c.appended}` : `${cmd.slice(0, at)} ${c.appended}${cmd.slice(at)}`
  const ran = runFake(line, () => notFound)
  expect({ rc: ran.rc, stdout: ran.stdout, stderr: ran.stderr }).toEqual({ rc: c.rc, stdout: c.stdout, stderr: c.stderr })
  expect(ran.requests.length).toBe(0)
})
