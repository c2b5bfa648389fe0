import { podStatus, resourceInfo, type ClientRef, type Fault, type Journey, type KubeObject, type Node, type Pod, type TraceRecord, type TrafficInput } from '../engine/cluster'

interface ObjectName {
  readonly resource: string
  readonly namespace: string
  readonly name: string
}

/** Who, as the subject of a sentence. */
function subject(actor: string): string {
  if (actor === 'you') return 'You'
  const at = actor.indexOf('@')
  if (at >= 0) return `${actor.slice(0, at)} on ${actor.slice(at + 1)}`
  const slash = actor.indexOf('/')
  if (slash >= 0) return `The ${actor.slice(slash + 1)} controller`
  if (actor === 'kube-scheduler') return 'The scheduler'
  return actor
}

/** One of a resource: `pods/status` is `pod`. */
export function singular(resource: string): string {
  const plain = resource.split('/')[0] ?? ''
  return plain.endsWith('ies') ? `${plain.slice(0, -3)}y` : plain.endsWith('sses') ? plain.slice(0, -2) : plain.endsWith('s') ? plain.slice(0, -1) : plain
}

/** What is no more than a pod, a node or a namespace stays a plain word, as what is not built in. */
const plainWords: ReadonlySet<string> = new Set(['pods', 'nodes', 'namespaces'])

/** `networkpolicies` is `NetworkPolicy`. */
const kindOf = (resource: string): string => (plainWords.has(resource) ? undefined : resourceInfo(resource)?.kind) ?? singular(resource)

const verbs: Readonly<Record<string, readonly [string, string]>> = {
  create: ['create', 'creates'], update: ['update', 'updates'], patch: ['change', 'changes'], delete: ['delete', 'deletes'], deletecollection: ['delete', 'deletes'], get: ['read', 'reads'], list: ['list', 'lists'], watch: ['watch', 'watches'],
}

/** A sentence for a step: who did what to which object. `wrote` is the object as the step left it; `code` the refusal's HTTP code, or 0. */
export function captionOf(actor: string, verb: string, resource: string, object: ObjectName, count: number, wrote: KubeObject | undefined, code = 0): string {
  const [plain = resource, sub = ''] = resource.split('/')
  const who = subject(actor)
  const you = actor === 'you'
  const word = verbs[verb]?.[you ? 0 : 1] ?? verb
  const thing = `${kindOf(plain)} ${object.name}`
  const many = `${count} ${kindOf(plain)}s`
  if (code > 0) return `${who === 'You' ? 'Your' : `${who}'s`} request to ${verbs[verb]?.[0] ?? verb} ${thing} is refused (${code})`
  if (sub === 'binding') {
    const node = (wrote as Pod | undefined)?.spec.nodeName
    return count > 1 ? `${who} binds ${count} pods to nodes` : `${who} binds ${thing} to ${node ?? 'a node'}`
  }
  if (actor.endsWith('/tainteviction') && verb === 'delete') return `${who} evicts ${count > 1 ? many : thing}`
  if (sub === 'eviction') return `${who} ${you ? 'evict' : 'evicts'} ${thing}`
  if (sub === 'status') {
    if (plain === 'pods') {
      const status = wrote ? podStatus(wrote as Pod, 0).status : ''
      return count > 1 ? `${who} writes status ${status} of ${count} pods` : `${who} writes status ${status} of ${object.name}`
    }
    if (plain === 'nodes') {
      const ready = (wrote as Node | undefined)?.status?.conditions?.find((c) => c.type === 'Ready')?.status
      return `${who} reports ${object.name} ${ready === 'True' ? 'Ready' : ready === 'Unknown' ? 'NotReady (Ready=Unknown)' : 'NotReady'}`
    }
    return `${who} ${you ? 'update' : 'updates'} the status of ${thing}`
  }
  if (sub === 'scale' || (plain === 'replicasets' && verb !== 'create' && verb !== 'delete' && !sub)) {
    const replicas = (wrote as { spec?: { replicas?: number } } | undefined)?.spec?.replicas
    return `${who} ${you ? 'scale' : 'scales'} ${thing} to ${replicas ?? '?'}`
  }
  if (verb === 'get' && you) return `You look up ${thing}`
  if (verb === 'list') return `${who} ${word} ${plain}`
  return `${who} ${word} ${count > 1 ? many : thing}`
}

/** One sentence for what a command read: the first, with what else it listed. */
export function captionOfReads(captions: readonly string[]): string {
  const [first = ''] = captions
  return captions.filter((caption) => caption === first || (first.startsWith('You list ') && caption.startsWith('You list '))).join(', ').replace(/, You list /g, ', ')
}

/** A sentence for a fault. */
export function captionOfFault(fault: Fault): string {
  switch (fault.kind) {
    case 'node-down':
      return `${fault.node} loses power`
    case 'node-shutdown':
      return `${fault.node} is told to shut down`
    case 'node-up':
      return `${fault.node} is powered on`
    case 'node-add':
      return `A new machine is started`
    case 'node-remove':
      return `${fault.node} is taken away`
    case 'kubelet-stop':
      return `The kubelet on ${fault.node} stops`
    case 'kubelet-start':
      return `The kubelet on ${fault.node} starts`
    case 'kube-proxy-stop':
      return `kube-proxy on ${fault.node} hangs`
    case 'kube-proxy-start':
      return `kube-proxy on ${fault.node} goes on`
    case 'partition':
      return `${fault.node} loses its network`
    case 'heal':
      return `${fault.node} has its network back`
    case 'host-file':
      return fault.text === null ? `${fault.path} on ${fault.node} is removed` : `${fault.path} on ${fault.node} is written`
    case 'component-down':
      return `${fault.component} is stopped`
    case 'component-crash':
      return `${fault.component} crashes`
    case 'component-up':
      return `${fault.component} is started`
    case 'probe':
      return `The ${fault.probe} probe of ${fault.pod} ${fault.ok ? 'succeeds' : 'fails'} from now on`
  }
}

/** The flag of a fault on the timeline. */
export function milestoneOfFault(record: TraceRecord): string {
  const fault = record.detail as Fault
  const names: Readonly<Record<Fault['kind'], string>> = {
    'node-down': 'Off', 'node-shutdown': 'Shutdown', 'node-up': 'On', 'node-add': 'New node', 'node-remove': 'Node removed', 'kubelet-stop': 'kubelet stopped', 'kubelet-start': 'kubelet started', 'kube-proxy-stop': 'kube-proxy hangs', 'kube-proxy-start': 'kube-proxy goes on', partition: 'Partition', heal: 'Healed',
    'host-file': 'File', 'component-down': 'Stopped', 'component-crash': 'Crash', 'component-up': 'Started', probe: 'Probe',
  }
  return names[fault.kind]
}

/** A sentence for what a person does with requests, and for what came of one; undefined: the record tells of nothing of the kind. */
export function captionOfTraffic(record: TraceRecord): { readonly caption: string; readonly failed: boolean } | undefined {
  const detail = record.detail as (TrafficInput & { readonly journey?: undefined }) | { readonly type?: undefined; readonly journey?: Journey } | undefined
  if (detail?.type === 'traffic') {
    if (detail.do === 'send') return { caption: `You send a request from ${nameOf(detail.request.from)} to ${detail.request.to}`, failed: false }
    return { caption: detail.do === 'start' ? `Traffic begins from ${nameOf(detail.generator.from)} to ${detail.generator.to}` : `Traffic ${detail.id} ends`, failed: false }
  }
  const journey = detail?.journey
  if (record.kind !== 'note' || journey === undefined) return undefined
  const time = `${(journey.latency / 1000).toFixed(journey.latency < 10_000 ? 1 : 0)} ms`
  if (journey.outcome === 'ok') return { caption: `The answer from ${journey.pod || journey.asked} arrives after ${time}${journey.status > 0 ? `: ${journey.status}` : ''}`, failed: false }
  return { caption: `The request to ${journey.asked} fails after ${time}: ${journey.outcome}${journey.status > 0 ? ` (${journey.status})` : ''}`, failed: true }
}

function nameOf(client: ClientRef): string {
  return client.kind === 'outside' ? 'outside' : client.name
}
