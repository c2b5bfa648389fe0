import { Simulation, type Behaviour, type Ctx, type Message } from '../sim'
import { newNetwork, transport } from '../network'
import type { Node, Pod } from '../api'
import type { KubeObject } from '../apimachinery'
import { apiserverId, parsePath, type ApiResponse, type RequestMessage, type WatchEvent } from '../client-go'
import { kubeScheduler } from './scheduler'
import type { SchedulerState } from './state'

// A stand-in for kube-apiserver, with just enough of it for a scheduler alone in its world. For tests of this room only.

interface Fake {
  revision: number
  readonly objects: Map<string, Map<string, KubeObject>>
  readonly watches: { readonly resource: string; readonly id: number; readonly to: string }[]
}

interface Put extends Message {
  readonly type: 'fake/put' | 'fake/delete'
  readonly resource: string
  readonly object: KubeObject
}

const keyOf = (o: KubeObject) => `${o.metadata.namespace ?? ''}/${o.metadata.name}`

function put(state: Fake, resource: string, object: KubeObject, type: 'put' | 'delete', ctx: Ctx): KubeObject {
  let map = state.objects.get(resource)
  if (map === undefined) state.objects.set(resource, (map = new Map()))
  const key = keyOf(object)
  const old = map.get(key)
  const stored = Object.freeze({ ...object, metadata: { ...object.metadata, resourceVersion: String(++state.revision), uid: object.metadata.uid ?? `uid-${key}` } })
  if (type === 'put') map.set(key, stored)
  else map.delete(key)
  const phase = (stored as Pod).status?.phase
  const gone = type === 'delete' || (resource === 'pods' && (phase === 'Succeeded' || phase === 'Failed'))
  const event: WatchEvent = { type: gone ? 'DELETED' : old ? 'MODIFIED' : 'ADDED', object: stored }
  for (const w of state.watches) if (w.resource === resource) ctx.send(w.to, { type: 'watch', id: w.id, events: [event] } as Message)
  return stored
}

const fake: Behaviour<Fake, undefined> = {
  kind: 'fake-apiserver',
  start: () => ({ revision: 1, objects: new Map(), watches: [] }),
  handle(state, message, ctx) {
    if (message.type === 'fake/put' || message.type === 'fake/delete') {
      put(state, (message as Put).resource, (message as Put).object, message.type === 'fake/put' ? 'put' : 'delete', ctx)
      return
    }
    if (message.type !== 'request') return
    const { id, from, request } = message as RequestMessage
    const { namespace, resource, name, subresource } = parsePath(request.path)
    const map = state.objects.get(resource)
    const answer = (code: number, body: unknown) => ctx.send(from, { type: 'response', id, response: { code, body } as ApiResponse } as Message)
    const found = map?.get(`${namespace}/${name}`)
    switch (request.verb) {
      case 'list':
        return answer(200, { metadata: { resourceVersion: String(state.revision) }, items: [...(map?.values() ?? [])] })
      case 'watch':
        state.watches.push({ resource, id, to: from })
        return
      case 'get':
        return found ? answer(200, found) : answer(404, { message: 'not found', reason: 'NotFound' })
      case 'delete':
        if (found && resource === 'pods') put(state, resource, { ...found, metadata: { ...found.metadata, deletionTimestamp: ctx.wallTime() } } as KubeObject, 'put', ctx)
        return answer(found ? 200 : 404, found ?? {})
      case 'create': {
        if (subresource === 'binding') {
          const pod = found as Pod | undefined
          if (pod === undefined) return answer(404, { message: `pods "${name}" not found` })
          const conditions = [...(pod.status?.conditions ?? []).filter((c) => c.type !== 'PodScheduled'), { type: 'PodScheduled', status: 'True' }]
          put(state, 'pods', { ...pod, spec: { ...pod.spec, nodeName: (request.body as { target: { name: string } }).target.name }, status: { ...pod.status, conditions } } as KubeObject, 'put', ctx)
          return answer(201, {})
        }
        return answer(201, put(state, resource, request.body as KubeObject, 'put', ctx))
      }
      case 'update':
        return answer(200, put(state, resource, request.body as KubeObject, 'put', ctx))
      case 'patch': {
        if (found === undefined) return answer(404, { message: 'not found' })
        const patch = request.body as { status?: { conditions?: { type: string }[]; nominatedNodeName?: string | null }; series?: unknown; metadata?: object; spec?: object }
        const old = (found as Pod).status
        const conditions = [...(old?.conditions ?? []).filter((c) => !patch.status?.conditions?.some((n) => n.type === c.type)), ...(patch.status?.conditions ?? [])]
        const nominatedNodeName = patch.status?.nominatedNodeName === undefined ? old?.nominatedNodeName : (patch.status.nominatedNodeName ?? undefined)
        const next = resource === 'pods' ? { ...found, status: { ...old, conditions, nominatedNodeName } } : { ...found, ...patch, metadata: { ...found.metadata, ...patch.metadata }, spec: { ...(found as { spec?: object }).spec, ...patch.spec } }
        return answer(200, put(state, resource, next as KubeObject, 'put', ctx))
      }
      default:
        return answer(405, {})
    }
  },
}

/** A scheduler with a stand-in for the API server. */
export class SchedulerWorld {
  readonly sim: Simulation

  constructor(seed = 1) {
    this.sim = new Simulation({ seed, epoch: 1_700_000_000_000_000, behaviours: [fake, kubeScheduler] as never, transport, network: newNetwork() })
    this.sim.act(0, (ctx) => {
      ctx.spawn(apiserverId, 'fake-apiserver', 'control-plane', undefined)
      ctx.spawn('kube-scheduler', 'kube-scheduler', 'control-plane', {})
    })
  }

  get scheduler(): SchedulerState {
    return this.sim.stateOf<SchedulerState>('kube-scheduler') as SchedulerState
  }

  put(resource: string, object: object): void {
    this.sim.post(apiserverId, { type: 'fake/put', resource, object: Object.freeze(object) } as unknown as Message)
  }

  delete(resource: string, namespace: string, name: string): void {
    const object = this.get(resource, namespace, name)
    if (object) this.sim.post(apiserverId, { type: 'fake/delete', resource, object } as unknown as Message)
  }

  get<T = KubeObject>(resource: string, namespace: string, name: string): T | undefined {
    return this.sim.stateOf<Fake>(apiserverId)?.objects.get(resource)?.get(`${namespace}/${name}`) as T | undefined
  }

  all<T = KubeObject>(resource: string): readonly T[] {
    return [...(this.sim.stateOf<Fake>(apiserverId)?.objects.get(resource)?.values() ?? [])] as unknown as T[]
  }

  /** Runs for some seconds. */
  run(seconds: number): void {
    this.sim.run(this.sim.now + Math.round(seconds * 1_000_000))
  }

  nodeOf(name: string, namespace = 'default'): string | undefined {
    return this.get<Pod>('pods', namespace, name)?.spec.nodeName
  }

  /** Texts of the events about a pod, in order, as `reason: message`. */
  events(name: string): readonly string[] {
    return this.all<KubeObject & { reason: string; message: string; involvedObject: { name: string }; series?: { count: number } }>('events')
      .filter((e) => e.involvedObject.name === name).map((e) => `${e.reason}: ${e.message}${e.series ? ` (x${e.series.count})` : ''}`)
  }
}

/** A node of the recorded cluster: 1 CPU, 3840Mi, 110 pods, in zone-i. */
export function aNode(i: number, more: { readonly cpu?: string; readonly memory?: string; readonly zone?: string; readonly spec?: object; readonly labels?: Record<string, string> } = {}): Node {
  const name = `node-${i}`
  return {
    apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { 'kubernetes.io/hostname': name, 'topology.kubernetes.io/zone': more.zone ?? `zone-${i}`, ...more.labels } }, spec: { ...more.spec },
    status: { allocatable: { cpu: more.cpu ?? '1', memory: more.memory ?? '3840Mi', pods: '110' }, capacity: {}, conditions: [{ type: 'Ready', status: 'True' }] },
  } as Node
}

/** A pod with one container. */
export function aPod(name: string, spec: object = {}, more: { readonly requests?: Record<string, string>; readonly labels?: Record<string, string>; readonly metadata?: object } = {}): Pod {
  return {
    apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default', uid: `uid-default/${name}`, labels: more.labels, ...more.metadata },
    spec: { containers: [{ name: 'c', image: 'nginx:1.25', resources: more.requests ? { requests: more.requests } : {} }], schedulerName: 'default-scheduler', ...spec }, status: { phase: 'Pending' },
  } as unknown as Pod
}
