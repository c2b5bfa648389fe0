import { structSchema } from '../../../api'
import { goJson, sortKeys, type StructSchema, type TypeSchema } from '../../../apimachinery'

/**
 * Field orders of the server's internal types where they differ from the API's. `field<Other` takes a field of the surrounding spec:
 * internally the host's namespaces belong to the security context. Upstream: pkg/apis/core/types.go.
 */
const POD_SPEC = [
  'volumes', 'initContainers', 'containers', 'ephemeralContainers', 'restartPolicy', 'terminationGracePeriodSeconds', 'activeDeadlineSeconds', 'dnsPolicy',
  'nodeSelector', 'serviceAccountName', 'automountServiceAccountToken', 'nodeName', 'securityContext', 'imagePullSecrets', 'hostname', 'subdomain',
  'setHostnameAsFQDN', 'affinity', 'schedulerName', 'tolerations', 'hostAliases', 'priorityClassName', 'priority', 'preemptionPolicy', 'dnsConfig',
  'readinessGates', 'runtimeClassName', 'overhead', 'enableServiceLinks', 'topologySpreadConstraints', 'os', 'schedulingGates', 'resourceClaims',
  'resources', 'hostnameOverride', 'schedulingGroup',
]
const FROM_SPEC = ['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace', 'hostUsers']
const SECURITY_CONTEXT = [
  ...FROM_SPEC, 'seLinuxOptions', 'windowsOptions', 'runAsUser', 'runAsGroup', 'runAsNonRoot', 'supplementalGroups', 'supplementalGroupsPolicy', 'fsGroup',
  'fsGroupChangePolicy', 'sysctls', 'seccompProfile', 'appArmorProfile', 'seLinuxChangePolicy',
]

const MAX_CELLS = 4_000_000

/** The difference of two values as messages show it: a unified diff of the internal structs as indented JSON. Upstream: apimachinery/pkg/util/diff. */
export function internalDiff(typeName: string, before: unknown, after: unknown): string {
  const schema = structSchema(typeName)
  if (schema === undefined) return ''
  const type: TypeSchema = { kind: 'struct', goName: schema.goName, struct: () => schema }
  return unified(print(type, before), print(type, after))
}

function print(type: TypeSchema, value: unknown): string[] {
  const lines: string[] = []
  write(lines, type, value, '', '', '')
  return lines
}

/** Writes a value, its first line after `head`, its last before `tail`. */
function write(lines: string[], type: TypeSchema, value: unknown, indent: string, head: string, tail: string): void {
  const put = (text: string): void => void lines.push(`${indent}${head}${text}${tail}`)
  switch (type.kind) {
    case 'pointer':
      if (value === undefined || value === null) put('null')
      else write(lines, type.elem!, value, indent, head, tail)
      return
    case 'struct': {
      const found = (value ?? {}) as Record<string, unknown>
      const fields = fieldsOf(type.struct!(), found)
      lines.push(`${indent}${head}{`)
      fields.forEach((f, i) => write(lines, f.type, f.value, `${indent} `, `"${f.name}": `, i < fields.length - 1 ? ',' : ''))
      lines.push(`${indent}}${tail}`)
      return
    }
    case 'list': {
      const list = value as unknown[] | undefined | null
      if (list == null) return put('null')
      if (list.length === 0) return put('[]')
      lines.push(`${indent}${head}[`)
      list.forEach((item, i) => write(lines, type.elem!, item, `${indent} `, '', i < list.length - 1 ? ',' : ''))
      lines.push(`${indent}]${tail}`)
      return
    }
    case 'map': {
      if (value == null) return put('null')
      const map = value as Record<string, unknown>
      const keys = Object.keys(map).sort()
      if (keys.length === 0) return put('{}')
      lines.push(`${indent}${head}{`)
      keys.forEach((key, i) => write(lines, type.elem!, map[key], `${indent} `, `${goJson(key)}: `, i < keys.length - 1 ? ',' : ''))
      lines.push(`${indent}}${tail}`)
      return
    }
    case 'string': case 'bytes': return put(goJson(value ?? (type.kind === 'bytes' ? null : '')))
    case 'bool': return put(value === true ? 'true' : 'false')
    case 'int': case 'uint': case 'float': case 'intOrString': return put(goJson(value ?? 0))
    case 'quantity': return put(goJson(value ?? '0'))
    default: return put(goJson(value ?? null))
  }
}

/** A value as the server's internal struct, for messages that print it: Go field names in Go order, nothing left out. */
export function internalValue(typeName: string, value: unknown): unknown {
  const schema = structSchema(typeName)
  return schema === undefined ? value : JSON.parse(print({ kind: 'struct', goName: schema.goName, struct: () => schema }, value).join('')) as unknown
}

interface Cell {
  readonly name: string
  readonly type: TypeSchema
  readonly value: unknown
}

const ANY: TypeSchema = { kind: 'any', goName: '' }
const spec = (): StructSchema => structSchema('PodSpec')!

function fieldsOf(schema: StructSchema, found: Record<string, unknown>): Cell[] {
  if (schema.name === 'PodSpec') {
    const context: Record<string, unknown> = { ...(found.securityContext as object) }
    for (const name of FROM_SPEC) context[name] = found[name]
    return POD_SPEC.map((name) => cell(schema, name, name === 'securityContext' ? context : found[name]))
  }
  // Types of apimachinery are the same inside: they keep the API's names and leave out what is empty.
  if (schema.name === 'LabelSelector' || schema.name === 'LabelSelectorRequirement') {
    return schema.fields.filter((f) => found[f.name] != null && (f.required || Object.keys(found[f.name] as object).length > 0)).map((f) => ({ name: f.name, type: f.type, value: found[f.name] }))
  }
  if (schema.name === 'PodTemplateSpec') {
    // Internally metadata is embedded, and keeps the API's names.
    const meta = (found.metadata ?? {}) as Record<string, unknown>
    const names = Object.keys(meta).sort()
    return [...names.map((name) => ({ name, type: ANY, value: sortKeys(meta[name]) })), cell(schema, 'spec', found.spec)]
  }
  if (schema.name === 'PodSecurityContext') return SECURITY_CONTEXT.map((name) => cell(FROM_SPEC.includes(name) ? spec() : schema, name, found[name]))
  if (schema.name === 'VolumeProjection') {
    // Line numbers of recorded diffs fit only if an absent trust bundle prints with its fields, 18 lines for the token volume of a pod.
    return schema.fields.map((f) => ({ name: f.goName, type: f.goName === 'ClusterTrustBundle' ? f.type.elem! : f.type, value: found[f.name] }))
  }
  return schema.fields.flatMap((f) => (f.name === '' ? fieldsOf(f.type.struct!(), found) : [{ name: f.goName, type: f.type, value: found[f.name] }]))
}

function cell(schema: StructSchema, name: string, value: unknown): Cell {
  const { field } = schema.byName.get(name)!
  return { name: field.goName, type: field.type, value }
}

const CONTEXT = 3

/** A unified diff with three lines of context, without file names. Each line ends in a newline. */
function unified(a: readonly string[], b: readonly string[]): string {
  const marks = edits(a, b)
  const lines: string[] = []
  for (let i = 0; i < marks.length;) {
    while (i < marks.length && marks[i]!.mark === ' ') i++
    if (i >= marks.length) break
    // A hunk reaches over gaps of up to twice the context.
    let end = i
    for (let j = i, gap = 0; j < marks.length && gap <= 2 * CONTEXT; j++) {
      if (marks[j]!.mark === ' ') gap++
      else { gap = 0; end = j }
    }
    const from = Math.max(0, i - CONTEXT)
    const to = Math.min(marks.length, end + CONTEXT + 1)
    const hunk = marks.slice(from, to)
    const before = marks.slice(0, from)
    const count = (list: readonly Edit[], without: string): number => list.filter((m) => m.mark !== without).length
    lines.push(`@@ -${range(count(before, '+'), count(hunk, '+'))} +${range(count(before, '-'), count(hunk, '-'))} @@`)
    for (const { mark, text } of hunk) lines.push(`${mark}${text}`)
    i = to
  }
  return lines.map((line) => `${line}\n`).join('')
}

function range(start: number, length: number): string {
  if (length === 1) return String(start + 1)
  return `${length === 0 ? start : start + 1},${length}`
}

interface Edit {
  readonly mark: ' ' | '-' | '+'
  readonly text: string
}

/** The shortest edit by longest common subsequence, after what both ends share is cut. */
function edits(a: readonly string[], b: readonly string[]): Edit[] {
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head++
  let tail = 0
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++
  const same = (text: string): Edit => ({ mark: ' ', text })
  return [...a.slice(0, head).map(same), ...middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)), ...a.slice(a.length - tail).map(same)]
}

function middle(a: readonly string[], b: readonly string[]): Edit[] {
  const removed = a.map((text): Edit => ({ mark: '-', text }))
  const added = b.map((text): Edit => ({ mark: '+', text }))
  if (a.length === 0 || b.length === 0 || a.length * b.length > MAX_CELLS) return [...removed, ...added]
  const width = b.length + 1
  const length = new Uint16Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      length[i * width + j] = a[i] === b[j] ? length[(i + 1) * width + j + 1]! + 1 : Math.max(length[(i + 1) * width + j]!, length[i * width + j + 1]!)
    }
  }
  const out: Edit[] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) { out.push({ mark: ' ', text: a[i]! }); i++; j++ }
    else if (i < a.length && (j >= b.length || length[(i + 1) * width + j]! >= length[i * width + j + 1]!)) out.push(removed[i++]!)
    else out.push(added[j++]!)
  }
  return out
}
