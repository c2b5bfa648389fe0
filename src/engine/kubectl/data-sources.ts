import { configMapKeyErrors, envVarNameErrors, goJson, goQuote, sha256, sortKeys } from '../apimachinery'
import { fail } from './errors'
import { encodeBase64 } from '../shell'
import type { Machine } from './shell/machine'

/** Where the data of a ConfigMap or Secret comes from. */
export interface DataSources {
  readonly files: readonly string[]
  readonly literals: readonly string[]
  readonly envFiles: readonly string[]
}

/** Data of a ConfigMap or Secret from files, literals and env files. Upstream: kubectl/pkg/cmd/create/create_configmap.go, create_secret.go */
export function dataFrom(sources: DataSources, kind: string, name: string, machine: Machine): Record<string, string> {
  if (sources.envFiles.length > 0 && (sources.files.length > 0 || sources.literals.length > 0)) throw fail('from-env-file cannot be combined with from-file or from-literal')
  const data: Record<string, string> = {}
  const add = (key: string, value: string): void => {
    const errors = configMapKeyErrors(key)
    if (errors.length > 0) throw fail(kind === 'ConfigMap' ? `${goQuote(key)} is not a valid key name for a ConfigMap: ${errors.join(',')}` : `${goQuote(key)} is not valid key name for a Secret ${errors.join(';')}`)
    if (Object.hasOwn(data, key)) throw fail(kind === 'ConfigMap' ? `cannot add key "${key}", another key by that name already exists in Data for ConfigMap "${name}"` : `cannot add key ${key}, another key by that name already exists`)
    data[key] = value
  }
  for (const source of sources.files) {
    const eq = source.indexOf('=')
    if (source.split('=').length > 2) throw fail('key names or file paths cannot contain \'=\'')
    if (eq === 0) throw fail(`key name for file path ${source.slice(1)} missing`)
    const path = source.slice(eq + 1)
    if (eq > 0 && path === '') throw fail(`file path for key name ${source.slice(0, eq)} missing`)
    const text = machine.read(path)
    if (text !== undefined) add(eq < 0 ? path.slice(path.lastIndexOf('/') + 1) : source.slice(0, eq), text)
    else if (!machine.isDir(path)) throw fail(`error reading ${path}: no such file or directory`)
    else if (eq >= 0) throw fail('cannot give a key name for a directory path')
    else for (const n of machine.list(path)) if (!n.endsWith('/')) add(n, machine.read(`${path}/${n}`) ?? '')
  }
  for (const source of sources.literals) {
    const eq = source.indexOf('=')
    if (eq < 1) throw fail(`invalid literal source ${source}, expected key=value`)
    add(source.slice(0, eq), source.slice(eq + 1))
  }
  for (const path of sources.envFiles) {
    const text = machine.read(path)
    if (text === undefined) throw fail(machine.isDir(path) ? `env ${kind === 'ConfigMap' ? 'config' : 'secret'} file cannot be a directory` : `error reading ${path}: no such file or directory`)
    for (const line of text.split('\n')) {
      const l = line.trimStart().replace(/\r$/, '')
      if (l === '' || l.startsWith('#')) continue
      const eq = l.indexOf('=')
      const key = eq < 0 ? l : l.slice(0, eq)
      if (envVarNameErrors(key).length > 0) throw fail(`${goQuote(key)} is not a valid key name: ${envVarNameErrors(key).join(';')}`)
      if (eq < 0) add(l, machine.vars[l] ?? '')
      else add(l.slice(0, eq), l.slice(eq + 1))
    }
  }
  return data
}

/** Values as a Secret keeps them. */
export function encoded(data: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(data).map(([k, v]) => [k, encodeBase64(v)]))
}

/** What follows a generated name, so that another content has another name. Upstream: kubectl/pkg/util/hash/hash.go */
export function nameHash(object: { readonly kind?: unknown; readonly type?: unknown; readonly data?: unknown; readonly metadata: { readonly name: string } }): string {
  const text = goJson(sortKeys({ data: object.data ?? {}, kind: object.kind, name: object.metadata.name, ...(object.kind === 'Secret' ? { type: object.type ?? '' } : {}) }))
  const hex = sha256(text).slice(0, 5).map((b) => b.toString(16).padStart(2, '0')).join('')
  return [...hex].map((c) => ({ 0: 'g', 1: 'h', 3: 'k', a: 'm', e: 't' })[c] ?? c).join('')
}
