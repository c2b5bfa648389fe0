import { podLimits, podRequests, type Container, type LimitRange, type LimitRangeItem, type PersistentVolumeClaim, type Pod } from '../../api'
import { aggregateText, quantity, type KubeObject, type Quantity } from '../../apimachinery'
import type { AdmissionAttributes, AdmissionPlugin } from './plugin'

const annotation = 'kubernetes.io/limit-ranger'

/** Gives containers the default requests and limits of their namespace and holds pods and claims to its bounds. Upstream: plugin/pkg/admission/limitranger */
export const limitRanger: AdmissionPlugin = {
  name: 'LimitRanger',
  resources: ['pods', 'persistentvolumeclaims'],
  admit(a) {
    if (!supports(a) || a.served.storage !== 'pods') return undefined
    for (const range of ranges(a)) setDefaults(range, a.object as Pod)
    return undefined
  },
  validate(a) {
    if (!supports(a)) return undefined
    for (const range of ranges(a)) {
      const errors = limitErrors(range, a.served.storage, a.object as KubeObject)
      if (errors.length > 0) return aggregateText(errors)
    }
    return undefined
  },
}

function supports({ served, operation, subresource, old }: AdmissionAttributes): boolean {
  // What a running pod asks for anew is judged too.
  if (subresource === 'resize') return served.storage === 'pods' && operation === 'UPDATE'
  if (subresource !== '' || operation === 'DELETE' || old?.metadata.deletionTimestamp !== undefined) return false
  return served.storage === 'pods' ? operation === 'CREATE' : served.storage === 'persistentvolumeclaims'
}

function ranges({ write, namespace }: AdmissionAttributes): LimitRange[] {
  const out = [...write.list('limitranges', namespace)] as LimitRange[]
  return out.length < 2 ? out : out.sort((x, y) => (x.metadata.name < y.metadata.name ? -1 : 1))
}

/** Fills in what containers do not say, and notes it in an annotation. Exported for its tests. */
export function setDefaults({ spec }: LimitRange, pod: Pod): void {
  const defaults: Record<'requests' | 'limits', Record<string, string>> = { requests: {}, limits: {} }
  for (const l of spec?.limits ?? []) if (l.type === 'Container') {
    Object.assign(defaults.requests, l.defaultRequest)
    Object.assign(defaults.limits, l.default)
  }
  const notes: string[] = []
  const fill = (c: Container, what: string): void => {
    for (const which of ['requests', 'limits'] as const) {
      const had = c.resources?.[which]
      const given = Object.keys(defaults[which]).filter((k) => had?.[k] === undefined).sort()
      if (given.length === 0) continue
      const list: Record<string, string> = { ...had }
      for (const k of given) list[k] = defaults[which][k]!
      c.resources = { ...c.resources, [which]: list }
      notes.push(`${given.join(', ')} ${which.slice(0, -1)} for ${what} ${c.name}`)
    }
  }
  for (const c of pod.spec.containers) fill(c, 'container')
  for (const c of pod.spec.initContainers ?? []) fill(c, 'init container')
  if (notes.length > 0) pod.metadata.annotations = { ...pod.metadata.annotations, [annotation]: `LimitRanger plugin set: ${notes.join('; ')}` }
}

type List = Readonly<Record<string, string>> | undefined

/** What an object breaks of a LimitRange. */
export function limitErrors({ spec }: LimitRange, resource: string, o: KubeObject): string[] {
  const errors: string[] = []
  for (const l of spec?.limits ?? []) {
    if (resource === 'persistentvolumeclaims') {
      if (l.type === 'PersistentVolumeClaim') bounds(l, (o as PersistentVolumeClaim).spec?.resources?.requests, undefined, errors)
      continue
    }
    const pod = (o as Pod).spec
    if (l.type === 'Container') for (const c of [...(pod.containers ?? []), ...(pod.initContainers ?? [])]) bounds(l, c.resources?.requests, c.resources?.limits, errors)
    else if (l.type === 'Pod') bounds(l, podRequests({ spec: pod }), podLimits({ spec: pod }), errors)
  }
  return errors
}

function bounds(l: LimitRangeItem, requests: List, limits: List, errors: string[]): void {
  const isClaim = l.type === 'PersistentVolumeClaim'
  const at = (list: List, k: string): Quantity | undefined => {
    const v = list?.[k]
    return v === undefined ? undefined : quantity(v)
  }
  const each = (list: Readonly<Record<string, string>> | undefined, what: string, check: (q: Quantity, req: Quantity | undefined, lim: Quantity | undefined) => string | undefined): void => {
    for (const k of Object.keys(list ?? {}).sort()) {
      const q = quantity(list![k])
      const wrong = check(q, at(requests, k), at(limits, k))
      if (wrong !== undefined) errors.push(`${what.replace('%', k)} per ${l.type} is ${q.text}${wrong}`)
    }
  }
  const but = (what: string, q: Quantity): string => `, but ${what} is ${q.text}`
  each(l.min, 'minimum % usage', (q, req, lim) => {
    if (req === undefined) return '.  No request is specified'
    if (req.nano < q.nano) return but('request', req)
    return lim !== undefined && lim.nano < q.nano ? but('limit', lim) : undefined
  })
  each(l.max, 'maximum % usage', (q, req, lim) => {
    if (isClaim) return req === undefined ? '.  No request is specified' : req.nano > q.nano ? but('request', req) : undefined
    if (lim === undefined) return '.  No limit is specified'
    if (lim.nano > q.nano) return but('limit', lim)
    return req !== undefined && req.nano > q.nano ? but('request', req) : undefined
  })
  if (!isClaim) each(l.maxLimitRequestRatio, '% max limit to request ratio', (q, req, lim) => {
    if (req === undefined || req.nano === 0n) return ', but no request is specified or request is 0'
    if (lim === undefined || lim.nano === 0n) return ', but no limit is specified or limit is 0'
    const ratio = Number(lim.nano) / Number(req.nano)
    return ratio * 1000 > q.milliValue ? `, but provided ratio is ${ratio.toFixed(6)}` : undefined
  })
}
