import { at, listAt, mapAt, textAt, type Thing } from '../api'
import { fieldValue, resourceValue } from '../field-values'
import { volumes } from './volumes'
import { bool, rfc1123z, selectorText, Writer } from './writer'

/** Tabbed text of a pod template. Upstream: describe.go DescribePodTemplate */
export function describePodTemplate(template: Thing | undefined): string {
  const w = new Writer(0)
  podTemplate(w, template)
  return w.text
}

/** Writes a pod template. */
export function podTemplate(w: Writer, template: Thing | undefined): void {
  w.line(0, 'Pod Template:')
  if (template === undefined) return w.line(1, '<unset>')
  w.labels('  Labels', mapAt(template, 'metadata', 'labels'))
  const annotations = mapAt(template, 'metadata', 'annotations')
  if (Object.keys(annotations).length > 0) w.annotations('  Annotations', annotations)
  const spec = template.spec
  if (textAt(spec, 'serviceAccountName') !== '') w.field('Service Account', textAt(spec, 'serviceAccountName'), 1)
  if (listAt(spec, 'initContainers').length > 0) containers(w, 'Init Containers', listAt(spec, 'initContainers'), [], '  ')
  containers(w, 'Containers', listAt(spec, 'containers'), [], '  ')
  volumes(w, listAt(spec, 'volumes'), '  ')
  spread(w, listAt(spec, 'topologySpreadConstraints'), '  ')
  if (textAt(spec, 'priorityClassName') !== '') w.field('Priority Class Name', textAt(spec, 'priorityClassName'), 1)
  w.labels('  Node-Selectors', mapAt(spec, 'nodeSelector'))
  tolerations(w, '  Tolerations', listAt(spec, 'tolerations'))
  schedulingGroup(w, spec, '  ')
}

/** Writes the group that a pod is scheduled with, if any. */
export function schedulingGroup(w: Writer, spec: unknown, space: string): void {
  if (at(spec, 'schedulingGroup') === undefined) return
  w.line(0, `${space}SchedulingGroup:`)
  w.field('PodGroupName', textAt(spec, 'schedulingGroup', 'podGroupName'), 1)
}

/** Writes containers, with their status where there is one. */
export function containers(w: Writer, label: string, list: readonly Thing[], statuses: readonly Thing[], space: string, pod?: Thing): void {
  w.line(0, `${space}${label}:${list.length === 0 ? ' <none>' : ''}`)
  for (const c of list) {
    const status = statuses.find((s) => s['name'] === c['name'])
    w.line(1, `${space === '' ? '' : ' '}${textAt(c, 'name')}:`)
    if (status !== undefined) w.field('Container ID', textAt(status, 'containerID'), 2)
    w.field('Image', textAt(c, 'image'), 2)
    if (status !== undefined) w.field('Image ID', textAt(status, 'imageID'), 2)
    const ports = listAt(c, 'ports')
    const name = (p: Thing): string => (textAt(p, 'name') === '' ? '' : ` (${textAt(p, 'name')})`)
    const plural = ports.length > 1 ? 's' : ''
    w.field(`Port${plural}`, ports.map((p) => `${textAt(p, 'containerPort')}/${textAt(p, 'protocol') || 'TCP'}${name(p)}`).join(', ') || '<none>', 2)
    w.field(`Host Port${plural}`, ports.map((p) => `${textAt(p, 'hostPort') || 0}/${textAt(p, 'protocol') || 'TCP'}${name(p)}`).join(', ') || '<none>', 2)
    if (at(c, 'securityContext', 'seccompProfile', 'type') !== undefined) w.field('SeccompProfile', textAt(c, 'securityContext', 'seccompProfile', 'type'), 2)
    if (textAt(c, 'securityContext', 'seccompProfile', 'type') === 'Localhost') w.field('LocalhostProfile', textAt(c, 'securityContext', 'seccompProfile', 'localhostProfile'), 3)
    words(w, 'Command', listAt<string>(c, 'command'))
    words(w, 'Args', listAt<string>(c, 'args'))
    if (status !== undefined) state(w, status)
    resources(w, c, 2)
    for (const kind of ['liveness', 'readiness', 'startup']) {
      const probe = at<Thing>(c, `${kind}Probe`)
      if (probe !== undefined) w.field(kind[0]?.toUpperCase() + kind.slice(1), probeText(probe), 2)
    }
    environment(w, c, pod)
    const mounts = listAt(c, 'volumeMounts')
    w.line(2, `Mounts:${mounts.length === 0 ? '\t<none>' : ''}`)
    for (const m of mounts.toSorted((a, b) => (textAt(a, 'mountPath') < textAt(b, 'mountPath') ? -1 : 1))) {
      const flags = [at(m, 'readOnly') === true ? 'ro' : 'rw', ...(textAt(m, 'subPath') === '' ? [] : [`path="${textAt(m, 'subPath')}"`])]
      w.line(3, `${textAt(m, 'mountPath')} from ${textAt(m, 'name')} (${flags.join(',')})`)
    }
    const devices = listAt(c, 'volumeDevices')
    if (devices.length > 0) w.line(2, `Devices:${mounts.length === 0 ? '\t<none>' : ''}`)
    for (const v of devices.toSorted((a, b) => (textAt(a, 'devicePath') < textAt(b, 'devicePath') ? -1 : 1))) w.line(3, `${textAt(v, 'devicePath')} from ${textAt(v, 'name')}`)
  }
}

function words(w: Writer, title: string, list: readonly string[]): void {
  if (list.length === 0) return
  w.line(2, `${title}:`)
  for (const word of list) for (const line of word.split('\n')) w.line(3, line)
}

function state(w: Writer, status: Thing): void {
  oneState(w, 'State', at<Thing>(status, 'state'))
  if (at(status, 'lastState', 'terminated') !== undefined) oneState(w, 'Last State', at<Thing>(status, 'lastState'))
  w.field('Ready', bool(at(status, 'ready')), 2)
  w.field('Restart Count', textAt(status, 'restartCount'), 2)
}

function oneState(w: Writer, title: string, s: Thing | undefined): void {
  const running = at<Thing>(s, 'running')
  const ended = at<Thing>(s, 'terminated')
  w.field(title, running ? 'Running' : ended ? 'Terminated' : 'Waiting', 2)
  if (running) return w.field('Started', rfc1123z(textAt(running, 'startedAt')), 3)
  const some = ended ?? at<Thing>(s, 'waiting')
  if (textAt(some, 'reason') !== '') w.field('Reason', textAt(some, 'reason'), 3)
  if (!ended) return
  if (textAt(ended, 'message') !== '') w.field('Message', textAt(ended, 'message'), 3)
  w.field('Exit Code', textAt(ended, 'exitCode'), 3)
  if (Number(textAt(ended, 'signal')) > 0) w.field('Signal', textAt(ended, 'signal'), 3)
  w.field('Started', rfc1123z(textAt(ended, 'startedAt')), 3)
  w.field('Finished', rfc1123z(textAt(ended, 'finishedAt')), 3)
}

/** Writes limits and requests of a container, or of a pod's spec. */
export function resources(w: Writer, c: Thing, level: number): void {
  for (const title of ['Limits', 'Requests']) {
    const map = mapAt(c, 'resources', title.toLowerCase())
    if (Object.keys(map).length === 0) continue
    w.line(level, `${title}:`)
    for (const k of Object.keys(map).sort()) w.field(k, map[k], level + 1)
  }
}

/** A path within a URL: whatever is none of a path is escaped, and it begins with a slash. Upstream: net/url URL.EscapedPath, String */
function escapedPath(path: string): string {
  const escaped = path === '*' ? path : encodeURIComponent(path).replace(/%(24|26|2B|2C|2F|3A|3B|3D|40)/g, (c) => decodeURIComponent(c)).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
  return escaped === '' || escaped.startsWith('/') ? escaped : `/${escaped}`
}

/** Upstream: describe.go DescribeProbe */
export function probeText(probe: Thing): string {
  const n = (key: string): string => textAt(probe, key) || '0'
  const attrs = `delay=${n('initialDelaySeconds')}s timeout=${n('timeoutSeconds')}s period=${n('periodSeconds')}s #success=${n('successThreshold')} #failure=${n('failureThreshold')}`
  const exec = at(probe, 'exec')
  if (exec !== undefined) return `exec [${listAt<string>(probe, 'exec', 'command').join(' ')}] ${attrs}`
  const http = at<Thing>(probe, 'httpGet')
  if (http !== undefined) {
    const [host, path] = [textAt(http, 'host'), textAt(http, 'path')]
    return `http-get ${(textAt(http, 'scheme') || 'HTTP').toLowerCase()}://${host.includes(':') ? `[${host}]` : host}:${textAt(http, 'port')}${escapedPath(path)} ${attrs}`
  }
  const tcp = at<Thing>(probe, 'tcpSocket')
  if (tcp !== undefined) return `tcp-socket ${textAt(tcp, 'host')}:${textAt(tcp, 'port')} ${attrs}`
  const grpc = at<Thing>(probe, 'grpc')
  if (grpc !== undefined) return `grpc <pod>:${textAt(grpc, 'port')} ${textAt(grpc, 'service')} ${attrs}`
  return `unknown ${attrs}`
}

function environment(w: Writer, c: Thing, pod: Thing | undefined): void {
  const from = listAt(c, 'envFrom')
  if (from.length > 0) w.line(2, 'Environment Variables from:')
  for (const e of from) {
    const [kind, ref] = at(e, 'secretRef') === undefined ? ['ConfigMap', 'configMapRef'] : ['Secret', 'secretRef']
    const prefix = textAt(e, 'prefix')
    w.line(3, `${textAt(e, ref as string, 'name')}\t${kind}${prefix === '' ? '' : ` with prefix '${prefix}'`}\tOptional: ${at(e, ref as string, 'optional') === true}`)
  }
  const env = listAt(c, 'env')
  w.line(2, `Environment:${env.length === 0 ? '\t<none>' : ''}`)
  for (const e of env) {
    const name = textAt(e, 'name')
    const field = at<Thing>(e, 'valueFrom', 'fieldRef')
    const resource = at<Thing>(e, 'valueFrom', 'resourceFieldRef')
    const secret = at<Thing>(e, 'valueFrom', 'secretKeyRef')
    const config = at<Thing>(e, 'valueFrom', 'configMapKeyRef')
    if (field) w.line(3, `${name}:\t${pod === undefined ? '' : (fieldValue(pod, textAt(field, 'fieldPath')).value ?? '')} (${textAt(field, 'apiVersion')}:${textAt(field, 'fieldPath')})`)
    else if (resource) w.line(3, `${name}:\t${amountOf(c, textAt(resource, 'resource'), textAt(resource, 'divisor'))} (${textAt(resource, 'resource')})`)
    else if (secret) w.line(3, `${name}:\t<set to the key '${textAt(secret, 'key')}' in secret '${textAt(secret, 'name')}'>\tOptional: ${at(secret, 'optional') === true}`)
    else if (config) w.line(3, `${name}:\t<set to the key '${textAt(config, 'key')}' of config map '${textAt(config, 'name')}'>\tOptional: ${at(config, 'optional') === true}`)
    else if (at(e, 'valueFrom') === undefined) for (const [i, line] of textAt(e, 'value').split('\n').entries()) w.line(3, i === 0 ? `${name}:\t${line}` : `\t${line}`)
  }
}

/** What a container may use of a resource; without a limit, what its node has. Upstream: describe.go describeContainerEnvVars */
function amountOf(c: Thing, resource: string, divisor: string): string {
  const { value = '' } = resourceValue(c, resource, divisor)
  return value === '0' && (resource === 'limits.cpu' || resource === 'limits.memory') ? 'node allocatable' : value
}

/** Writes tolerations. Upstream: describe.go printTolerationsMultiLine */
export function tolerations(w: Writer, title: string, list: readonly Thing[]): void {
  w.list(title, list.toSorted((a, b) => (textAt(a, 'key') < textAt(b, 'key') ? -1 : textAt(a, 'key') > textAt(b, 'key') ? 1 : 0)).map((t) => {
    let text = textAt(t, 'key')
    if (textAt(t, 'value') !== '') text += `=${textAt(t, 'value')}`
    if (textAt(t, 'effect') !== '') text += `:${textAt(t, 'effect')}`
    if (textAt(t, 'operator') === 'Exists' && textAt(t, 'value') === '') text += text === '' ? 'op=Exists' : ' op=Exists'
    if (at(t, 'tolerationSeconds') !== undefined) text += ` for ${textAt(t, 'tolerationSeconds')}s`
    return text
  }))
}

/** Writes spread constraints, if any. */
export function spread(w: Writer, list: readonly Thing[], space: string): void {
  if (list.length === 0) return
  const texts = list.toSorted((a, b) => (textAt(a, 'topologyKey') < textAt(b, 'topologyKey') ? -1 : textAt(a, 'topologyKey') > textAt(b, 'topologyKey') ? 1 : 0)).map((c) => {
    const selector = at(c, 'labelSelector')
    return `${textAt(c, 'topologyKey')}:${textAt(c, 'whenUnsatisfiable')} when max skew ${textAt(c, 'maxSkew')} is exceeded${selector === undefined ? '' : ` for selector ${selectorText(selector)}`}`
  })
  w.list(`${space}Topology Spread Constraints`, texts)
}
