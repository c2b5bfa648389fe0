import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import * as generated from './schema.generated'
import { structSchema } from './schema'

const root = fileURLToPath(new URL('../../../', import.meta.url))

it.skipIf(!existsSync(`${root}node_modules/@kubernetes/client-node`))('generated files are up to date', () => {
  expect(() => execFileSync('node', [`${root}scripts/generate-api.mjs`, '--check'], { stdio: 'pipe' })).not.toThrow()
})

it('every type of the schema can be read, and every struct it mentions exists', () => {
  const seen = new Set<string>()
  const visit = (name: string): void => {
    if (seen.has(name)) return
    seen.add(name)
    for (const field of structSchema(name)!.fields) {
      let type = field.type
      while (type.elem !== undefined) type = type.elem
      if (type.kind === 'struct') visit(type.struct!().name)
    }
  }
  for (const line of generated.STRUCT_TYPES) visit(line.slice(0, line.search(/[= ]/)))
  expect(seen.size).toBe(generated.STRUCT_TYPES.length)
})

it('the schema stays small', () => {
  expect(gzipSync([...generated.STRUCT_TYPES, ...generated.NAMED_TYPES].join('\n')).length).toBeLessThan(16_500)
})
