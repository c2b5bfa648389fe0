/** What a REST path names. Empty strings where it says nothing. */
export interface ParsedPath {
  readonly group: string
  readonly version: string
  readonly namespace: string
  readonly resource: string
  readonly name: string
  readonly subresource: string
}

/**
 * Takes a resource path apart, e.g. `/apis/apps/v1/namespaces/default/deployments/web/scale`. Paths that name no resource
 * (`/version`, `/apis`) give an empty `resource`. Upstream: apiserver/pkg/endpoints/request/requestinfo.go
 */
export function parsePath(path: string): ParsedPath {
  let group = ''
  let at: number
  if (path.startsWith('/apis/')) {
    const end = path.indexOf('/', 6)
    if (end < 0) return { group: path.slice(6), version: '', namespace: '', resource: '', name: '', subresource: '' }
    group = path.slice(6, end)
    at = end + 1
  } else if (path.startsWith('/api/')) at = 5
  else return { group: '', version: '', namespace: '', resource: '', name: '', subresource: '' }
  // One after the other; what is not there is empty.
  const take = (): string => {
    if (at > path.length) return ''
    const end = path.indexOf('/', at)
    const part = end < 0 ? path.slice(at) : path.slice(at, end)
    at = end < 0 ? path.length + 1 : end + 1
    return part
  }
  const version = take()
  let resource = take()
  let name = take()
  let namespace = ''
  if (resource === 'namespaces' && at <= path.length) {
    const third = take()
    if (third === 'status' || third === 'finalize') return { group, version, namespace: '', resource, name, subresource: at > path.length ? third : `${third}/${path.slice(at)}` }
    namespace = name
    resource = third
    name = take()
  }
  return { group, version, namespace, resource, name, subresource: at > path.length ? '' : path.slice(at) }
}
