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
  const parts = path.split('/')
  let i = 1
  let group = ''
  if (parts[1] === 'apis') {
    group = parts[2] ?? ''
    i = 3
  } else if (parts[1] === 'api') i = 2
  else return { group, version: '', namespace: '', resource: '', name: '', subresource: '' }
  const version = parts[i++] ?? ''
  let namespace = ''
  if (parts[i] === 'namespaces' && parts.length > i + 2 && parts[i + 2] !== 'status' && parts[i + 2] !== 'finalize') {
    namespace = parts[i + 1] ?? ''
    i += 2
  }
  return { group, version, namespace, resource: parts[i] ?? '', name: parts[i + 1] ?? '', subresource: parts.slice(i + 2).join('/') }
}
