import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const ROOTS = ['../../../../shared/kubernetes/facts/', '../../testdata/facts/']

/** A facts file recorded from a real Kubernetes: from the shared folder when present, else the committed copy. For tests only. */
export function facts<T = Record<string, never>>(name: string): T {
  for (const root of ROOTS) {
    const path = fileURLToPath(new URL(`${root}${name}.json`, import.meta.url))
    if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as T
  }
  throw new Error(`no facts file ${name}.json`)
}
