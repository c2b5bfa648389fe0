import { Client, type ApiResponse, type RequestInit, type WatchEvent, type WatchMessage } from '../client-go'
import { etcdMember, etcdParams } from '../etcd'
import { newNetwork, transport } from '../network'
import { SECOND, Simulation, type Behaviour, type Message } from '../sim'
import { kubeApiserver } from './server'

interface Do extends Message {
  readonly type: 'do'
  readonly id: number
  readonly request: RequestInit
}

interface ClientState {
  readonly client: Client
  readonly responses: Map<number, ApiResponse>
  readonly events: { readonly watch: number; readonly event: WatchEvent }[]
  readonly watches: Map<number, number>
}

interface Got extends Message {
  readonly type: 'got'
  readonly id: number
}

/** A client that sends what it is told and keeps what it hears. */
const scripted: Behaviour<ClientState, { readonly user: string }> = {
  kind: 'scripted',
  start: (_ctx, { user }) => ({ client: new Client(user, 'test'), responses: new Map(), events: [], watches: new Map() }),
  handle(state, message, ctx) {
    if (message.type === 'do') {
      const { id, request } = message as Do
      const then: Got = { type: 'got', id }
      state.watches.set(state.client.send(ctx, request, then), id)
      return
    }
    if (message.type === 'watch') {
      const { id, events } = message as WatchMessage
      for (const event of events) state.events.push({ watch: state.watches.get(id) ?? 0, event })
    }
    for (const reply of state.client.receive(message, ctx)) state.responses.set((reply.then as Got).id, reply.response)
  },
}

/** A control plane of etcd and kube-apiserver with scriptable clients, for tests. */
export class TestServer {
  readonly sim: Simulation
  private next = 1

  constructor(options: { members?: number; seed?: number; behaviours?: readonly unknown[] } = {}) {
    this.sim = new Simulation({
      seed: options.seed ?? 1, epoch: 1_767_225_600_000_000, transport, network: newNetwork(),
      behaviours: [etcdMember, kubeApiserver, scripted, ...(options.behaviours ?? [])] as unknown as readonly Behaviour<never, never>[],
    })
    const members = Array.from({ length: options.members ?? 1 }, (_, i) => `etcd-${i}`)
    this.sim.act(0, (ctx) => {
      for (const id of members) ctx.spawn(id, 'etcd', 'control-plane', etcdParams(id, members))
      ctx.spawn('kube-apiserver', 'kube-apiserver', 'control-plane', { members })
    })
    this.run(members.length > 1 ? 6 * SECOND : SECOND)
    this.client('me', 'kubernetes-admin')
  }

  client(id: string, user: string): void {
    this.sim.act(0, (ctx) => ctx.spawn(id, 'scripted', 'you', { user }))
  }

  run(micros: number): void {
    this.sim.run(this.sim.now + micros)
  }

  /** Stops a process, or starts it again with the params (and so the disk) that it had. */
  stop(id: string): void {
    this.sim.act(0, (ctx) => ctx.kill(id))
  }

  start(id: string): void {
    const p = this.sim.state.processes.get(id)
    if (p) this.sim.act(0, (ctx) => ctx.spawn(id, p.kind, p.host, p.params))
  }

  /** Sends without waiting; returns the number under which `answer` finds the response. */
  send(request: RequestInit, from = 'me'): number {
    const id = this.next++
    const message: Do = { type: 'do', id, request }
    this.sim.post(from, message)
    return id
  }

  answer(id: number, from = 'me'): ApiResponse | undefined {
    return this.sim.stateOf<ClientState>(from)?.responses.get(id)
  }

  /** Sends and runs until the answer is there, at most `seconds`. */
  do(request: RequestInit, from = 'me', seconds = 70): ApiResponse {
    const id = this.send(request, from)
    const end = this.sim.now + seconds * SECOND
    for (;;) {
      const response = this.answer(id, from)
      if (response) return response
      const at = this.sim.nextAt()
      if (at === undefined || at > end) throw new Error(`no answer to ${request.verb} ${request.path}`)
      this.sim.run(at)
    }
  }

  /** Opens a watch; its events are found under the returned number. */
  watch(path: string, query: Record<string, string> = {}, from = 'me'): number {
    const id = this.send({ verb: 'watch', path, query }, from)
    this.run(SECOND / 100)
    return id
  }

  events(watch: number, from = 'me'): WatchEvent[] {
    return (this.sim.stateOf<ClientState>(from)?.events ?? []).filter((e) => e.watch === watch).map((e) => e.event)
  }
}
