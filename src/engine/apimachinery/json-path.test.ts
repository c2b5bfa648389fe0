import { expect, it } from 'vitest'
import { facts } from './facts.testing'
import { parseJsonPath } from './json-path'

it('expressions evaluate as in the real evaluator', () => {
  const f = facts<any>('fn-jsonpath')
  const wrong: unknown[] = []
  for (const c of f.cases) {
    const { expr, parseError, ...answers } = c
    const path = parseJsonPath(expr, { allowMissingKeys: true, floats: true })
    if (parseError !== undefined) { if (path.error !== parseError) wrong.push([expr, parseError, path]); continue }
    if (path.error !== undefined) { wrong.push([expr, path.error]); continue }
    // The recorder used one parsed template for all objects; those it asked later met the used-up range.
    const used = (a: any): number => (a.error === 'not in range, nothing to end' ? 1 : 0)
    for (const name of Object.keys(answers).sort((a, b) => used(answers[a]) - used(answers[b]))) {
      const got = path.value.execute(f.objects[name])
      const want = answers[name]
      const same = want.error === undefined ? got.value === want.out : got.error === want.error
      if (!same) wrong.push([expr, name, want, got])
    }
  }
  expect(wrong).toEqual([])
})

it('integers of the data compare with integers of the template, as in kubectl', () => {
  const path = parseJsonPath('{.ports[?(@.port==8080)].name}', { allowMissingKeys: true })
  expect(path.value!.execute({ ports: [{ port: 80, name: 'a' }, { port: 8080, name: 'b' }] })).toEqual({ value: 'b' })
})

it('a missing key is an error unless allowed', () => {
  expect(parseJsonPath('{.a.b}').value!.execute({ a: {} })).toEqual({ error: 'b is not found' })
})
