import { goQuote, quantity, qualifiedNameErrors } from '../apimachinery'
import { mapAt, textAt, type Thing } from './api'

/** What an environment variable's reference to the pod itself gives, or why it gives nothing. */
export type Extracted = { readonly value: string | undefined; readonly error?: undefined } | { readonly value?: undefined; readonly error: string }

/** Only what is in the metadata can be told; an address or a node's name cannot. Upstream: kubectl/pkg/util/fieldpath ExtractFieldPathAsString */
export function fieldValue(object: Thing, path: string): Extracted {
  const [, map, key = ''] = /^(.+?)\['(.*)'\]$/s.exec(path) ?? []
  if (map !== undefined) {
    if (map !== 'metadata.annotations' && map !== 'metadata.labels') return { error: `fieldPath ${goQuote(path)} does not support subscript` }
    const wrong = qualifiedNameErrors(map === 'metadata.labels' ? key : key.toLowerCase())
    return wrong.length > 0 ? { error: `invalid key subscript in ${path}: ${wrong.join(';')}` } : { value: mapAt(object, ...map.split('.'))[key] ?? '' }
  }
  if (path === 'metadata.labels' || path === 'metadata.annotations') return { value: formatMap(mapAt(object, ...path.split('.'))) }
  return ['metadata.name', 'metadata.namespace', 'metadata.uid'].includes(path) ? { value: textAt(object, ...path.split('.')) } : { error: `unsupported fieldPath: ${path}` }
}

const formatMap = (map: Readonly<Record<string, string>>): string => Object.keys(map).sort().map((k) => `${k}=${goQuote(map[k] as string)}`).join('\n')

/** What a container asks for or is limited to. Upstream: kubectl/pkg/util/resource ExtractContainerResourceValue */
export function resourceValue(container: Readonly<Record<string, unknown>>, resource: string, divisor: string): Extracted {
  const [, kind, name] = /^(limits|requests)\.(cpu|memory|ephemeral-storage|hugepages-.*)$/s.exec(resource) ?? []
  if (kind === undefined || name === undefined) return { error: `Unsupported container resource : ${resource}` }
  const by = quantity(divisor === '' || divisor === '0' ? '1' : divisor)
  const amount = quantity(textAt(container, 'resources', kind, name) || '0')
  return { value: String(name === 'cpu' ? Math.ceil(amount.milliValue / by.milliValue) : Math.ceil(amount.value / by.value)) }
}
