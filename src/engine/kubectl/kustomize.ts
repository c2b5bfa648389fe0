import { applyJsonPatch, applyMergePatch, applyStrategicMergePatch } from '../apimachinery'
import { structSchema } from '../api'
import { withField } from './api'
import { dataFrom, encoded, nameHash } from './data-sources'
import { fail } from './errors'
import { readDocuments } from './manifest'
import type { Machine } from './shell/machine'

type Obj = { readonly apiVersion?: string; readonly kind?: string; readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Readonly<Record<string, string>>; readonly annotations?: Readonly<Record<string, string>> }; readonly [field: string]: unknown }
type Kustomization = Readonly<Record<string, unknown>>

/** A base of bases of bases is read this deep. */
const deepest = 10

const CLUSTER_SCOPED = /^(Namespace|Node|PersistentVolume|ClusterRole|ClusterRoleBinding|StorageClass|PriorityClass|IngressClass|CustomResourceDefinition|APIService|RuntimeClass|CSIDriver|.*WebhookConfiguration|ValidatingAdmissionPolicy.*)$/
const WORKLOADS = /^(Deployment|ReplicaSet|StatefulSet|DaemonSet|Job|CronJob|ReplicationController)$/

/** Order of kinds in the output. Upstream: kustomize api/internal/builtins LegacyOrderTransformer */
const FIRST = 'Namespace ResourceQuota StorageClass CustomResourceDefinition ServiceAccount PodSecurityPolicy Role ClusterRole RoleBinding ClusterRoleBinding ConfigMap Secret Endpoints Service LimitRange PriorityClass PersistentVolume PersistentVolumeClaim Deployment StatefulSet CronJob PodDisruptionBudget'.split(' ')
const LAST = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']

/** All objects of the kustomization in a directory. Errors: throws what kubectl says. Upstream: kustomize api/krusty */
export function kustomize(machine: Machine, dir: string): readonly Obj[] {
  if (!machine.isDir(dir)) {
    if (machine.read(dir) !== undefined) throw fail(`must build at directory: not a valid directory: file is not directory`)
    throw fail(`must build at directory: not a valid directory: evalsymlink failure on '${dir}' : lstat ${dir}: no such file or directory`)
  }
  const place = (kind = ''): number => (LAST.includes(kind) ? 1000 : FIRST.includes(kind) ? FIRST.indexOf(kind) : 100)
  return build(machine, machine.path(dir), 0).map((o, i) => ({ o, i })).toSorted((a, b) => place(a.o.kind) - place(b.o.kind) || a.i - b.i).map(({ o }) => o)
}

const list = <T = string>(k: Kustomization, name: string): readonly T[] => (Array.isArray(k[name]) ? (k[name] as T[]) : [])
const record = (v: unknown): Readonly<Record<string, string>> => (typeof v === 'object' && v !== null ? (v as Record<string, string>) : {})

function read(machine: Machine, path: string): Obj[] {
  const text = machine.read(path)
  if (text === undefined) throw fail(`accumulating resources: accumulation err='accumulating resources from '${path.slice(path.lastIndexOf('/') + 1)}': open ${path}: no such file or directory'`)
  const { docs, error } = readDocuments(text)
  if (error !== undefined) throw fail(`accumulating resources: accumulation err='accumulating resources from '${path}': MalformedYAMLError: ${error}'`)
  return docs as unknown as Obj[]
}

function build(machine: Machine, dir: string, depth: number): Obj[] {
  if (depth > deepest) throw fail(`accumulating resources: cycle detected: candidate root '${dir}' contains visited root`)
  const file = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'].find((n) => machine.read(`${dir}/${n}`) !== undefined)
  if (file === undefined) throw fail(`unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '${dir}'`)
  const k = (readDocuments(machine.read(`${dir}/${file}`) as string).docs[0] ?? {}) as Kustomization
  const unknown = Object.keys(k).find((f) => !KNOWN.has(f))
  if (unknown !== undefined) throw fail(`invalid Kustomization: json: unknown field "${unknown}"`)
  let objects: Obj[] = []
  for (const path of [...list(k, 'resources'), ...list(k, 'bases'), ...list(k, 'components')]) {
    if (/^(https?:|git@|github\.com)/.test(path)) throw fail(`accumulating resources: accumulation err='accumulating resources from '${path}': the simulated machine has no way to the internet'`)
    const full = machine.read(path.startsWith('/') ? path : `${dir}/${path}`) !== undefined ? undefined : machine.path(path.startsWith('/') ? path : `${dir}/${path}`)
    objects.push(...(full !== undefined && machine.isDir(full) ? build(machine, full, depth + 1) : read(machine, path.startsWith('/') ? path : machine.path(`${dir}/${path}`))))
  }
  const generated = [...list<Kustomization>(k, 'configMapGenerator').map((g) => generate(machine, dir, g, 'ConfigMap', k)), ...list<Kustomization>(k, 'secretGenerator').map((g) => generate(machine, dir, g, 'Secret', k))]
  objects.push(...generated.map((g) => g.object))
  objects = patches(machine, dir, k, objects)
  objects = labelsAndNames(k, objects)
  const hashed = new Map<string, string>()
  for (const { object, hash } of generated) {
    const name = renamed(k, object)
    const now = objects.find((o) => o.kind === object.kind && o.metadata.name === name)
    if (now === undefined) continue
    const last = hash ? `${name}-${nameHash(now as never)}` : name
    hashed.set(`${object.kind}/${object.metadata.name}`, last)
    objects = objects.map((o) => (o === now ? withField(o, ['metadata', 'name'], last) : o))
  }
  return references(k, objects, hashed)
}

const KNOWN = new Set(['apiVersion', 'kind', 'metadata', 'resources', 'bases', 'components', 'namespace', 'namePrefix', 'nameSuffix', 'commonLabels', 'labels', 'commonAnnotations', 'images', 'replicas', 'configMapGenerator', 'secretGenerator', 'generatorOptions', 'patches', 'patchesStrategicMerge', 'patchesJson6902', 'buildMetadata', 'sortOptions'])

function generate(machine: Machine, dir: string, g: Kustomization, kind: string, k: Kustomization): { object: Obj; hash: boolean } {
  const name = String(g['name'] ?? '')
  const under = (source: string): string => {
    const eq = source.indexOf('=')
    const path = source.slice(eq + 1)
    return `${source.slice(0, eq + 1)}${path.startsWith('/') ? path : `${dir}/${path}`}`
  }
  const data = dataFrom({ files: list(g, 'files').map(under), literals: list(g, 'literals'), envFiles: [...list(g, 'envs'), ...(g['env'] ? [String(g['env'])] : [])].map(under) }, kind, name, machine)
  const options = { ...record(k['generatorOptions']), ...record(g['options']) } as unknown as { disableNameSuffixHash?: boolean; labels?: Record<string, string>; annotations?: Record<string, string> }
  const object: Obj = {
    apiVersion: 'v1', ...(Object.keys(data).length > 0 ? { data: kind === 'Secret' ? encoded(data) : data } : {}), kind,
    metadata: { name, ...(g['namespace'] ? { namespace: String(g['namespace']) } : {}), ...(options.labels ? { labels: options.labels } : {}), ...(options.annotations ? { annotations: options.annotations } : {}) },
    ...(kind === 'Secret' ? { type: String(g['type'] ?? 'Opaque') } : {}),
  }
  return { object, hash: options.disableNameSuffixHash !== true }
}

interface Target {
  readonly kind?: string
  readonly name?: string
  readonly group?: string
  readonly namespace?: string
  readonly labelSelector?: string
}

function fits(o: Obj, t: Target): boolean {
  const whole = (text: string | undefined, value: string): boolean => text === undefined || new RegExp(`^(?:${text})$`).test(value)
  return whole(t.kind, o.kind ?? '') && whole(t.name, o.metadata.name) && whole(t.namespace, o.metadata.namespace ?? '')
    && (t.labelSelector === undefined || t.labelSelector.split(',').every((s) => o.metadata.labels?.[s.split('=')[0] as string] === s.split(/==?/)[1]))
}

function patches(machine: Machine, dir: string, k: Kustomization, objects: Obj[]): Obj[] {
  const all: { text: string; target?: Target }[] = []
  const textOf = (path: string): string => {
    const text = machine.read(path.startsWith('/') ? path : `${dir}/${path}`)
    if (text === undefined) throw fail(`trouble configuring builtin PatchTransformer with config: \`path: ${path}\`: failed to get the patch file from path(${path}): open ${path}: no such file or directory`)
    return text
  }
  for (const p of list<unknown>(k, 'patchesStrategicMerge')) all.push({ text: typeof p === 'string' && !p.includes('\n') ? textOf(p) : String(p) })
  for (const p of [...list<Kustomization>(k, 'patches'), ...list<Kustomization>(k, 'patchesJson6902')]) all.push({ text: p['path'] ? textOf(String(p['path'])) : String(p['patch'] ?? ''), ...(p['target'] ? { target: p['target'] as Target } : {}) })
  let out = objects
  for (const { text, target } of all) {
    if (/^\s*(-|\[)/.test(text)) {
      const read = readDocuments(`ops:\n${text.split('\n').map((l) => `  ${l}`).join('\n')}`)
      const ops = (read.docs[0]?.['ops'] ?? []) as never
      out = out.map((o) => {
        if (target === undefined || !fits(o, target)) return o
        const made = applyJsonPatch(o as never, ops)
        if (made.error !== undefined) throw fail(`${made.error}`)
        return made.value as unknown as Obj
      })
      continue
    }
    for (const patch of readDocuments(text).docs as unknown as Obj[]) {
      const wanted: Target = target ?? { ...(patch.kind ? { kind: patch.kind } : {}), name: patch.metadata?.name ?? '' }
      if (!out.some((o) => fits(o, wanted))) throw fail(`no resource matches strategic merge patch "${patch.kind}.v1.[noGrp]/${patch.metadata?.name}.[noNs]": no matches for Id ${patch.kind}.v1.[noGrp]/${patch.metadata?.name}.[noNs]; failed to find unique target for patch ${patch.kind}.v1.[noGrp]/${patch.metadata?.name}.[noNs]`)
      const gone = (patch as unknown as Record<string, unknown>)['$patch'] === 'delete'
      out = out.flatMap((o) => {
        if (!fits(o, wanted)) return [o]
        if (gone) return []
        const schema = structSchema(o.kind ?? '')
        const body = { ...(patch as unknown as Record<string, unknown>), metadata: { ...patch.metadata, name: o.metadata.name } }
        if (schema === undefined) return [applyMergePatch(o as never, body as never) as unknown as Obj]
        const made = applyStrategicMergePatch(schema, o as never, body)
        if (made.error !== undefined) throw fail(made.error)
        return [made.value as unknown as Obj]
      })
    }
  }
  return out
}

const renamed = (k: Kustomization, o: Obj): string => (/^(Namespace|CustomResourceDefinition)$/.test(o.kind ?? '') ? o.metadata.name : `${String(k['namePrefix'] ?? '')}${o.metadata.name}${String(k['nameSuffix'] ?? '')}`)

function labelsAndNames(k: Kustomization, objects: Obj[]): Obj[] {
  const common = record(k['commonLabels'])
  const pairs = list<{ pairs?: Record<string, string>; includeSelectors?: boolean; includeTemplates?: boolean }>(k, 'labels')
  const onMeta = { ...common, ...Object.assign({}, ...pairs.map((p) => p.pairs ?? {})) as Record<string, string> }
  const onSelector = { ...common, ...Object.assign({}, ...pairs.filter((p) => p.includeSelectors).map((p) => p.pairs ?? {})) as Record<string, string> }
  const onTemplate = { ...onSelector, ...Object.assign({}, ...pairs.filter((p) => p.includeTemplates).map((p) => p.pairs ?? {})) as Record<string, string> }
  const notes = record(k['commonAnnotations'])
  const merge = (o: Obj, path: readonly string[], more: Readonly<Record<string, string>>, always = true): Obj => {
    if (Object.keys(more).length === 0) return o
    let at: unknown = o
    for (const p of path) at = (at as Record<string, unknown> | undefined)?.[p]
    if (at === undefined && !always) return o
    return withField(o, path, { ...(at as object | undefined), ...more })
  }
  return objects.map((o) => {
    let x = merge(merge(o, ['metadata', 'labels'], onMeta), ['metadata', 'annotations'], notes)
    const kind = o.kind ?? ''
    if (WORKLOADS.test(kind)) {
      const template = kind === 'CronJob' ? ['spec', 'jobTemplate', 'spec', 'template', 'metadata'] : ['spec', 'template', 'metadata']
      x = merge(merge(x, [...template, 'labels'], onTemplate), [...template, 'annotations'], notes)
      if (kind === 'ReplicationController') x = merge(x, ['spec', 'selector'], onSelector)
      else if (!/^(Job|CronJob)$/.test(kind)) x = merge(x, ['spec', 'selector', 'matchLabels'], onSelector)
    } else if (kind === 'Service') x = merge(x, ['spec', 'selector'], onSelector, false)
    else if (kind === 'NetworkPolicy') x = merge(x, ['spec', 'podSelector', 'matchLabels'], onSelector, false)
    else if (kind === 'PodDisruptionBudget') x = merge(x, ['spec', 'selector', 'matchLabels'], onSelector, false)
    if (typeof k['namespace'] === 'string' && !CLUSTER_SCOPED.test(kind)) x = withField(x, ['metadata', 'namespace'], k['namespace'])
    if (typeof k['namespace'] === 'string' && kind === 'Namespace') x = withField(x, ['metadata', 'name'], k['namespace'])
    return withField(x, ['metadata', 'name'], renamed(k, x))
  })
}

/** Rewrites names, images and replicas inside the objects. */
function references(k: Kustomization, objects: Obj[], hashed: ReadonlyMap<string, string>): Obj[] {
  const prefix = String(k['namePrefix'] ?? '')
  const suffix = String(k['nameSuffix'] ?? '')
  const have = new Set(objects.map((o) => `${o.kind}/${o.metadata.name}`))
  const nameOf = (kind: string, name: string): string => {
    const generated = hashed.get(`${kind}/${name}`)
    if (generated !== undefined) return generated
    const other = `${prefix}${name}${suffix}`
    return other !== name && have.has(`${kind}/${other}`) ? other : name
  }
  const images = list<{ name?: string; newName?: string; newTag?: string; digest?: string }>(k, 'images')
  const image = (text: string): string => {
    const m = /^(.*?)(?::([^:/@]+))?(?:@(.+))?$/.exec(text)
    const found = images.find((i) => i.name === m?.[1])
    if (found === undefined || m === null) return text
    const tag = found.digest ? `@${found.digest}` : found.newTag !== undefined ? `:${found.newTag}` : m[2] ? `:${m[2]}` : m[3] ? `@${m[3]}` : ''
    return `${found.newName ?? (m[1] as string)}${tag}`
  }
  const REFS: Readonly<Record<string, readonly [string, string]>> = {
    configMap: ['ConfigMap', 'name'], configMapRef: ['ConfigMap', 'name'], configMapKeyRef: ['ConfigMap', 'name'], secretRef: ['Secret', 'name'], secretKeyRef: ['Secret', 'name'], secret: ['Secret', 'secretName'],
    persistentVolumeClaim: ['PersistentVolumeClaim', 'claimName'], service: ['Service', 'name'],
  }
  const walk = (v: unknown, key: string, kind: string): unknown => {
    if (Array.isArray(v)) return v.map((x) => walk(x, key, kind))
    if (typeof v !== 'object' || v === null) {
      if (typeof v !== 'string') return v
      if (key === 'image') return image(v)
      if (key === 'serviceAccountName') return nameOf('ServiceAccount', v)
      if (key === 'serviceName' && kind === 'StatefulSet') return nameOf('Service', v)
      return v
    }
    const ref = REFS[key]
    return Object.fromEntries(Object.entries(v).map(([f, x]) => {
      if (ref !== undefined && f === ref[1] && typeof x === 'string') return [f, nameOf(ref[0], x)]
      if (key === 'secret' && f === 'name' && typeof x === 'string') return [f, nameOf('Secret', x)]
      if ((key === 'scaleTargetRef' || key === 'roleRef' || key === 'subjects') && f === 'name' && typeof x === 'string') return [f, nameOf(String((v as Record<string, unknown>)['kind']), x)]
      return [f, walk(x, f, kind)]
    }))
  }
  const replicas = list<{ name: string; count: number }>(k, 'replicas')
  return objects.map((o) => {
    const x = Object.fromEntries(Object.entries(o).map(([f, v]) => [f, f === 'metadata' || f === 'data' ? v : walk(v, f, o.kind ?? '')])) as unknown as Obj
    const wanted = replicas.find((r) => `${prefix}${r.name}${suffix}` === o.metadata.name)
    return wanted !== undefined && /^(Deployment|ReplicaSet|StatefulSet|ReplicationController)$/.test(o.kind ?? '') ? withField(x, ['spec', 'replicas'], wanted.count) : x
  })
}
