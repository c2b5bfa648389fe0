import type { KubeObject } from '../../apimachinery'
import type { ApiRequest } from '../../client-go'

/** An object, list or table in a version: with conversion `None` nothing but the name of the version changes. Upstream: apiserver/conversion/nop_converter.go */
export function asVersion(body: KubeObject, apiVersion: string): KubeObject {
  const { items, rows } = body as { items?: readonly KubeObject[]; rows?: readonly { object?: KubeObject }[] }
  if (body.kind === 'Table' && rows !== undefined) return { ...body, rows: rows.map((r) => (isOther(r.object, apiVersion) ? { ...r, object: { ...r.object, apiVersion } } : r)) } as KubeObject
  if (items !== undefined && sameGroup(body.apiVersion, apiVersion)) return Object.freeze({ ...body, apiVersion, items: items.map((o) => (isOther(o, apiVersion) ? Object.freeze({ ...o, apiVersion }) : o)) }) as KubeObject
  return isOther(body, apiVersion) ? Object.freeze({ ...body, apiVersion }) : body
}

/** A request with its body in the stored version. */
export function toVersion(request: ApiRequest, asked: string, stored: string): ApiRequest {
  const body = request.body as { apiVersion?: string } | undefined
  return body?.apiVersion === asked ? { ...request, body: { ...body, apiVersion: stored } } : request
}

const groupOf = (apiVersion: string): string => apiVersion.slice(0, Math.max(0, apiVersion.indexOf('/')))
const sameGroup = (a: string | undefined, b: string): boolean => a !== undefined && groupOf(a) === groupOf(b)

function isOther(o: KubeObject | undefined, apiVersion: string): o is KubeObject {
  return o !== undefined && o.apiVersion !== apiVersion && sameGroup(o.apiVersion, apiVersion)
}

const rank = /^v(\d+)(?:(alpha|beta)(\d+))?$/

/** Versions by how settled they are: v2, v1, v1beta2, v1alpha1, others. Upstream: apimachinery/pkg/version CompareKubeAwareVersionStrings */
export function compareVersions(a: string, b: string): number {
  const [x, y] = [rank.exec(a), rank.exec(b)]
  if (x === null || y === null) return x === y ? (a < b ? -1 : a > b ? 1 : 0) : x === null ? 1 : -1
  const level = (m: RegExpExecArray): number => (m[2] === undefined ? 2 : m[2] === 'beta' ? 1 : 0)
  return level(y) - level(x) || Number(y[1]) - Number(x[1]) || Number(y[3] ?? 0) - Number(x[3] ?? 0)
}
