import { MS, SECOND, type Behaviour, type Ctx, type Message, type Micros } from '../sim'

/** A port of a load balancer. */
export interface BalancerPort {
  readonly port: number
  readonly protocol: string
}

/** A node behind a load balancer. */
interface Backend {
  ok: boolean
  /** Checks in a row that said the opposite of `ok`. */
  against: number
  /** The check that waits for its answer; 0: none. */
  waiting: number
}

/** A load balancer as the cloud has it. */
export interface Balancer {
  readonly key: string
  readonly ip: string
  ports: readonly BalancerPort[]
  healthPort: number
  readonly backends: Map<string, Backend>
}

/** State of the process `cloud`: what a provider keeps outside the cluster. */
export interface CloudState {
  readonly balancers: Map<string, Balancer>
  next: number
  checking: boolean
}

/** cloud-controller-manager → cloud */
export interface CloudCall extends Message {
  readonly type: 'cloud/ensure' | 'cloud/delete'
  readonly key: string
  readonly from: string
  readonly ports?: readonly BalancerPort[]
  readonly nodes?: readonly string[]
  readonly healthPort?: number
}

/** cloud → cloud-controller-manager */
export interface CloudAnswer extends Message {
  readonly type: 'cloud/done'
  readonly key: string
  readonly ip: string
}

interface Check extends Message {
  readonly type: 'cloud/check'
}

interface Late extends Message {
  readonly type: 'cloud/late'
  readonly key: string
  readonly node: string
  readonly id: number
}

interface HealthCheck extends Message {
  readonly type: 'kube-proxy/health'
  readonly from: string
  readonly id: number
  readonly port: number
}

interface HealthAnswer extends Message {
  readonly type: 'kube-proxy/healthy'
  readonly id: number
  readonly node: string
  readonly ok: boolean
}

/** Health checks: every so often, given up after, and so many failures in a row. Upstream: cloud-provider-gcp loadbalancer_healthcheck.go (8 s, 1 s, 3) */
const checkEvery: Micros = 8 * SECOND
const checkTimeout: Micros = SECOND
const unhealthyAfter = 3

/** How long the provider needs to make a load balancer, and to change one. */
const makeTime: Micros = 3 * SECOND
const changeTime: Micros = 400 * MS

const mostBalancers = 200

/** The provider outside: load balancers with their health checks. Passive but for these. */
export const cloud: Behaviour<CloudState, null> = {
  kind: 'cloud',
  start: () => ({ balancers: new Map(), next: 10, checking: false }),
  handle(state, message, ctx) {
    switch (message.type) {
      case 'cloud/ensure':
        return ensure(state, message as CloudCall, ctx)
      case 'cloud/delete': {
        const { key, from } = message as CloudCall
        state.balancers.delete(key)
        return answer(from, key, '', changeTime, ctx)
      }
      case 'cloud/check':
        return check(state, ctx)
      case 'cloud/late': {
        const { key, node, id } = message as Late
        const backend = state.balancers.get(key)?.backends.get(node)
        if (backend?.waiting === id) judgeBackend(backend, false)
        return
      }
      case 'kube-proxy/healthy': {
        const { id, node, ok } = message as HealthAnswer
        for (const b of state.balancers.values()) {
          const backend = b.backends.get(node)
          if (backend?.waiting === id) judgeBackend(backend, ok)
        }
        return
      }
      default:
    }
  },
}

function answer(to: string, key: string, ip: string, extra: Micros, ctx: Ctx): void {
  const done: CloudAnswer = { type: 'cloud/done', key, ip }
  ctx.send(to, done, extra)
}

function ensure(state: CloudState, call: CloudCall, ctx: Ctx): void {
  let b = state.balancers.get(call.key)
  const made = b === undefined
  if (b === undefined) {
    if (state.balancers.size >= mostBalancers) return
    const taken = new Set([...state.balancers.values()].map((x) => x.ip))
    let ip = ''
    do ip = `203.0.113.${10 + (state.next++ % 240)}`
    while (taken.has(ip))
    state.balancers.set(call.key, (b = { key: call.key, ip, ports: [], healthPort: 0, backends: new Map() }))
  }
  b.ports = call.ports ?? []
  b.healthPort = call.healthPort ?? 10256
  const nodes = call.nodes ?? []
  for (const name of b.backends.keys()) if (!nodes.includes(name)) b.backends.delete(name)
  for (const name of nodes) if (!b.backends.has(name)) b.backends.set(name, { ok: false, against: 0, waiting: 0 })
  answer(call.from, call.key, b.ip, made ? makeTime : changeTime, ctx)
  if (state.checking) return
  state.checking = true
  const first: Check = { type: 'cloud/check' }
  ctx.after(SECOND, first)
}

function check(state: CloudState, ctx: Ctx): void {
  state.checking = state.balancers.size > 0
  for (const b of state.balancers.values())
    for (const [node, backend] of b.backends) {
      const id = ctx.unique()
      backend.waiting = id
      const probe: HealthCheck = { type: 'kube-proxy/health', from: ctx.self, id, port: b.healthPort }
      ctx.send(`kube-proxy@${node}`, probe)
      const late: Late = { type: 'cloud/late', key: b.key, node, id }
      ctx.after(checkTimeout, late)
    }
  const again: Check = { type: 'cloud/check' }
  if (state.checking) ctx.after(checkEvery, again)
}

function judgeBackend(backend: Backend, ok: boolean): void {
  backend.waiting = 0
  if (ok === backend.ok) {
    backend.against = 0
    return
  }
  backend.against++
  if (backend.against < (ok ? 1 : unhealthyAfter)) return
  backend.ok = ok
  backend.against = 0
}

/** The load balancer at an address that listens on a port, with its healthy nodes. */
export function balancerAt(state: CloudState, ip: string, port: number): { readonly key: string; readonly healthy: readonly string[]; readonly all: readonly string[] } | undefined {
  for (const b of state.balancers.values())
    if (b.ip === ip && b.ports.some((p) => p.port === port)) {
      const all = [...b.backends.keys()]
      return { key: b.key, healthy: all.filter((n) => b.backends.get(n)?.ok), all }
    }
  return undefined
}
