import { MS, SECOND, copyState, type Behaviour, type Ctx, type Disconnected, type Message } from '../sim'
import { Disk, type EtcdParams, type LogEntry } from './disk'
import type { Append, Appended, MemberState, Proposal, Snapshot, Vote } from './member-state'
import { etcdErrors, type EtcdAnswer, type EtcdOp, type EtcdRequest, type EtcdResponse, type Txn } from './messages'
import { answer, failed, type Store, type StoreEvent } from './store'

/** Heartbeats are ten times slower than upstream's 100 ms: the network between members never loses packets, and each costs an event. */
const heartbeat = SECOND
/** After the leader's connection broke, a member stands for election within 1 to 2 s, as upstream; a silent leader is noticed later. */
const election = SECOND
const silence = 3 * SECOND

/** A member of an etcd cluster. Params: EtcdParams. Upstream: etcd server/etcdserver, raft */
export const etcdMember: Behaviour<MemberState, EtcdParams> = {
  kind: 'etcd',

  start(ctx, params) {
    const disk = (params.disk ??= new Disk())
    const state: MemberState = {
      id: ctx.self, members: params.members, disk, role: 'follower', leader: '', commit: disk.applied, votes: [], next: new Map(), match: new Map(),
      batch: [], flushing: false, applying: false, waiting: new Map(), watchers: new Set(), reads: [], round: 0, confirmed: new Map(), electionTimer: 0, leaseTimer: 0, leaseTimerAt: 0,
    }
    if (params.members.length === 1) {
      state.role = 'leader'
      state.leader = state.id
      disk.term++
      armLeases(state, ctx)
    } else state.electionTimer = ctx.after(election + ctx.rng.below(election), { type: 'raft/timeout' })
    return state
  },

  handle(state, message, ctx) {
    switch (message.type) {
      case 'etcd/request':
        return request(state, message as EtcdRequest, ctx)
      case 'etcd/flush':
        return flush(state, ctx)
      case 'etcd/apply':
        state.applying = false
        return applyCommitted(state, ctx)
      case 'etcd/leases':
        return expireLeases(state, ctx)
      case 'raft/append':
        return onAppend(state, message as Append, ctx)
      case 'raft/appended':
        return onAppended(state, message as Appended, ctx)
      case 'raft/snapshot':
        return onSnapshot(state, message as Snapshot, ctx)
      case 'raft/vote':
        return onVote(state, message as Vote, ctx)
      case 'raft/voted':
        return onVoted(state, message as Vote, ctx)
      case 'raft/timeout':
        return stand(state, ctx)
      case 'raft/heartbeat':
        if (state.role === 'leader') beat(state, ctx)
        return
      case 'disconnected':
        return onDisconnected(state, (message as Disconnected).peer, ctx)
      default:
    }
  },
}

// ---- clients ----

function request(state: MemberState, message: EtcdRequest, ctx: Ctx): void {
  const { op, id, from } = message
  if (state.role !== 'leader') return reply(state, ctx, from, [failed(id, 0, 'etcdserver: not leader', state.leader)])
  switch (op.op) {
    case 'watch': {
      const events = state.disk.store.since(op.revision)
      if (events === undefined) return reply(state, ctx, from, [failed(id, state.disk.store.revision, etcdErrors.compacted)])
      state.watchers.add(from)
      return reply(state, ctx, from, [answer(id, state.disk.store.revision)], events)
    }
    case 'range':
    case 'revision':
      if (state.members.length === 1) return reply(state, ctx, from, [read(state.disk.store, op, id)])
      // ReadIndex: the leader must hear from a majority after the read came in, or it may be a leader of the past.
      state.reads.push({ round: state.round + 1, client: from, id, op })
      if (!pendingRound(state)) sendAll(state, ctx, ++state.round)
      return
    case 'txn':
    case 'compact':
    case 'lease-grant':
      state.batch.push({ op, client: from, id, cause: ctx.cause })
      if (!state.flushing) {
        state.flushing = true
        ctx.after(MS + ctx.rng.below(MS), { type: 'etcd/flush' })
      }
  }
}

function pendingRound(state: MemberState): boolean {
  return state.reads.some((r) => r.round <= state.round)
}

function read(store: Store, op: EtcdOp, id: number): EtcdAnswer {
  return op.op === 'range' ? store.range(op, id) : answer(id, store.revision)
}

const noEvents: readonly StoreEvent[] = []

function reply(state: MemberState, ctx: Ctx, client: string, answers: readonly EtcdAnswer[], events: readonly StoreEvent[] = noEvents): void {
  const message: EtcdResponse = { type: 'etcd/response', member: state.id, answers, events }
  ctx.send(client, message)
}

/** Applying a transaction to the store takes this long. Units: µs. */
const applyTime = 90

/** How many of the transactions that wait are applied at one instant: one, but all of a crowd, of which nobody looks at each. */
function atOnce(waiting: number): number {
  return waiting <= 12 ? Math.min(1, waiting) : waiting
}

/** The disk has synced: everything that waited for it is written as one group. Alone, that commits it; else a majority must follow. */
function flush(state: MemberState, ctx: Ctx): void {
  state.flushing = false
  if (state.role !== 'leader') {
    state.batch = []
    return
  }
  const { disk } = state
  if (state.members.length === 1) {
    const out = new Outbox(state)
    const ready = state.batch
    const now = atOnce(ready.length)
    state.batch = now === ready.length ? [] : ready.slice(now)
    for (let i = 0; i < now; i++) {
      const p = ready[i] as Proposal
      const index = disk.applied + 1
      const entry: LogEntry = { term: disk.term, index, op: p.op, at: ctx.now, cause: p.cause }
      out.answer(p.client, apply(state, entry, p.id, ctx, out))
      disk.applied = index
      disk.appliedTerm = entry.term
    }
    disk.install(disk.store, disk.applied, disk.appliedTerm)
    state.commit = disk.applied
    out.send(ctx)
    if (state.batch.length > 0) {
      state.flushing = true
      ctx.after(applyTime, { type: 'etcd/flush' })
    }
    return armLeases(state, ctx)
  }
  const batch = state.batch
  state.batch = []
  if (batch.length === 0) return
  for (const p of batch) propose(state, p, ctx)
  sendAll(state, ctx, state.round)
}

function propose(state: MemberState, p: Proposal, ctx: Ctx): void {
  const entry: LogEntry = Object.freeze({ term: state.disk.term, index: state.disk.lastIndex + 1, op: p.op, at: ctx.now, cause: p.cause })
  state.disk.append(entry)
  state.waiting.set(entry.index, p)
}

/** Collects what goes to each client, so that a group commit is one message to each. */
class Outbox {
  /** By client; there are few. */
  private readonly letters: { readonly client: string; readonly answers: EtcdAnswer[] }[] = []
  readonly events: StoreEvent[] = []

  constructor(private readonly state: MemberState) {}

  answer(client: string, a: EtcdAnswer): void {
    if (client !== '') this.to(client).push(a)
  }

  private to(client: string): EtcdAnswer[] {
    const { letters } = this
    for (let i = 0; i < letters.length; i++) if (letters[i]?.client === client) return (letters[i] as { answers: EtcdAnswer[] }).answers
    const answers: EtcdAnswer[] = []
    letters.push({ client, answers })
    return answers
  }

  send(ctx: Ctx): void {
    const { events, letters, state } = this
    if (events.length > 0) for (const w of state.watchers) this.to(w)
    for (let i = 0; i < letters.length; i++) {
      const { client, answers } = letters[i] as { client: string; answers: EtcdAnswer[] }
      reply(state, ctx, client, answers, state.watchers.has(client) ? events : noEvents)
    }
  }
}

/** Applies a committed entry to the store. */
function apply(state: MemberState, entry: LogEntry, id: number, ctx: Ctx, out: Outbox): EtcdAnswer {
  const { store } = state.disk
  const { op } = entry
  const lead = state.role === 'leader' && entry.term === state.disk.term
  switch (op.op) {
    case 'txn': {
      // Only the leader of the entry's own term records it: once for the whole cluster.
      const refused = store.refusal(op, id)
      if (refused !== undefined) return refused
      if (!lead) return store.commit(op, id, 0, out.events)
      ctx.cause = entry.cause
      const cause = ctx.trace({ kind: 'store', what: what(op), object: op.about, revision: store.revision + 1 })
      return store.commit(op, id, cause, out.events)
    }
    case 'compact':
      return store.compact(op.revision) ? answer(id, store.revision) : failed(id, store.revision, etcdErrors.compacted)
    case 'lease-grant':
      store.grant(op.lease, entry.at + op.ttl)
      return answer(id, store.revision)
    case 'lease-revoke': {
      const cause = lead ? ctx.trace({ kind: 'timer', what: 'lease expired', revision: store.revision + 1 }) : 0
      store.revoke(op.lease, cause, out.events)
      return answer(id, store.revision)
    }
    default:
      return answer(id, store.revision)
  }
}

function what(txn: Txn): string {
  if (txn.writes.length !== 1) return 'txn'
  return txn.writes[0]?.value === undefined ? 'delete' : 'put'
}

// ---- leases ----

function armLeases(state: MemberState, ctx: Ctx): void {
  const next = state.disk.store.nextExpiry()
  // One that has expired already is being revoked: the timer is the look after that.
  if (next !== undefined && (state.leaseTimer === 0 || next.expires > ctx.now)) lookAtLeases(state, Math.max(next.expires, ctx.now), ctx)
}

/** Sets the timer, unless it fires earlier anyway. */
function lookAtLeases(state: MemberState, at: number, ctx: Ctx): void {
  if (state.leaseTimer !== 0) {
    if (state.leaseTimerAt <= at) return
    ctx.cancel(state.leaseTimer)
  }
  state.leaseTimer = ctx.after(at - ctx.now, { type: 'etcd/leases' })
  state.leaseTimerAt = at
}

function expireLeases(state: MemberState, ctx: Ctx): void {
  state.leaseTimer = 0
  if (state.role !== 'leader') return
  const next = state.disk.store.nextExpiry()
  if (next !== undefined && next.expires <= ctx.now) {
    state.batch.push({ op: { op: 'lease-revoke', lease: next.lease }, client: '', id: 0, cause: ctx.cause })
    flush(state, ctx)
    // Followers have to agree first.
    if (state.members.length > 1) return lookAtLeases(state, ctx.now + SECOND, ctx)
  }
  armLeases(state, ctx)
}

// ---- replication ----

function majority(state: MemberState): number {
  return (state.members.length >> 1) + 1
}

function others(state: MemberState): readonly string[] {
  return state.members.filter((m) => m !== state.id)
}

function beat(state: MemberState, ctx: Ctx): void {
  // A leader that cannot reach a majority gives up (raft's CheckQuorum), so that nobody believes it.
  const alive = 1 + others(state).filter((m) => ctx.isUp(m)).length
  if (alive < majority(state)) return follow(state, state.disk.term, '', ctx, 'lost its quorum')
  sendAll(state, ctx, ++state.round)
  ctx.after(heartbeat, { type: 'raft/heartbeat' })
}

function sendAll(state: MemberState, ctx: Ctx, round: number): void {
  for (const m of others(state)) sendTo(state, m, ctx, round)
}

function sendTo(state: MemberState, to: string, ctx: Ctx, round: number): void {
  const { disk } = state
  const next = state.next.get(to) ?? disk.lastIndex + 1
  const previousTerm = disk.termAt(next - 1)
  if (next < disk.firstIndex || previousTerm === undefined) {
    const message: Snapshot = { type: 'raft/snapshot', from: state.id, term: disk.term, store: copyState(disk.store), index: disk.applied, indexTerm: disk.appliedTerm }
    state.next.set(to, disk.applied + 1)
    return ctx.send(to, message)
  }
  const entries = disk.from(next)
  state.next.set(to, disk.lastIndex + 1)
  const message: Append = { type: 'raft/append', from: state.id, term: disk.term, previous: next - 1, previousTerm, entries, commit: state.commit, round }
  ctx.send(to, message)
}

function onAppend(state: MemberState, m: Append, ctx: Ctx): void {
  const { disk } = state
  if (m.term < disk.term) return acknowledge(state, m.from, false, disk.lastIndex, m.round, ctx)
  if (m.term > disk.term || state.role !== 'follower' || state.leader !== m.from) follow(state, m.term, m.from, ctx)
  awaitLeader(state, ctx, silence + ctx.rng.below(SECOND))
  if (disk.termAt(m.previous) !== m.previousTerm && m.previous > disk.applied)
    return acknowledge(state, m.from, false, Math.max(disk.applied, Math.min(disk.lastIndex, m.previous - 1)), m.round, ctx)
  for (const e of m.entries) if (e.index > disk.applied) disk.append(e)
  acknowledge(state, m.from, true, m.previous + m.entries.length, m.round, ctx, m.entries.length > 0)
  advance(state, Math.min(m.commit, m.previous + m.entries.length), ctx)
}

function acknowledge(state: MemberState, to: string, ok: boolean, match: number, round: number, ctx: Ctx, sync = false): void {
  const message: Appended = { type: 'raft/appended', from: state.id, term: state.disk.term, ok, match, round }
  ctx.send(to, message, sync ? MS : 0)
}

function onAppended(state: MemberState, m: Appended, ctx: Ctx): void {
  if (m.term > state.disk.term) return follow(state, m.term, '', ctx)
  if (state.role !== 'leader' || m.term < state.disk.term) return
  if (!m.ok) {
    state.next.set(m.from, m.match + 1)
    return sendTo(state, m.from, ctx, m.round)
  }
  if (m.match > (state.match.get(m.from) ?? 0)) state.match.set(m.from, m.match)
  state.confirmed.set(m.from, Math.max(m.round, state.confirmed.get(m.from) ?? 0))
  const sorted = [state.disk.lastIndex, ...others(state).map((o) => state.match.get(o) ?? 0)].sort((a, b) => b - a)
  const commit = sorted[majority(state) - 1] as number
  // Only entries of the own term are committed by counting (raft §5.4.2).
  if (commit > state.commit && state.disk.termAt(commit) === state.disk.term) advance(state, commit, ctx)
  answerReads(state, ctx)
}

function advance(state: MemberState, commit: number, ctx: Ctx): void {
  if (commit <= state.commit) return
  state.commit = commit
  if (!state.applying) applyCommitted(state, ctx)
}

/** Applies what is committed: a leader one entry after the other, so that each transaction has a moment of its own. */
function applyCommitted(state: MemberState, ctx: Ctx): void {
  const out = new Outbox(state)
  const { disk } = state
  const until = state.role === 'leader' ? disk.applied + atOnce(state.commit - disk.applied) : state.commit
  while (disk.applied < until) {
    const entry = disk.entry(disk.applied + 1)
    if (entry === undefined) break
    const asked = state.waiting.get(entry.index)
    state.waiting.delete(entry.index)
    const a = apply(state, entry, asked?.id ?? 0, ctx, out)
    if (asked) out.answer(asked.client, a)
    disk.noteApplied(entry)
  }
  out.send(ctx)
  if (disk.applied < state.commit) {
    state.applying = true
    ctx.after(applyTime, { type: 'etcd/apply' })
    return
  }
  if (state.role !== 'leader') return
  armLeases(state, ctx)
  answerReads(state, ctx)
}

function answerReads(state: MemberState, ctx: Ctx): void {
  if (state.reads.length === 0 || state.disk.applied < state.commit || state.disk.termAt(state.commit) !== state.disk.term) return
  const rounds = [state.round, ...others(state).map((o) => state.confirmed.get(o) ?? 0)].sort((a, b) => b - a)
  const sure = rounds[majority(state) - 1] as number
  const ready = state.reads.filter((r) => r.round <= sure)
  if (ready.length === 0) return
  state.reads = state.reads.filter((r) => r.round > sure)
  for (const r of ready) reply(state, ctx, r.client, [read(state.disk.store, r.op, r.id)])
  if (state.reads.length > 0) sendAll(state, ctx, ++state.round)
}

function onSnapshot(state: MemberState, m: Snapshot, ctx: Ctx): void {
  if (m.term < state.disk.term) return
  follow(state, m.term, m.from, ctx)
  awaitLeader(state, ctx, silence + ctx.rng.below(SECOND))
  if (m.index > state.disk.applied) {
    state.disk.install(copyState(m.store), m.index, m.indexTerm)
    state.commit = m.index
    ctx.trace({ kind: 'raft', what: 'installed a snapshot', revision: state.disk.store.revision })
  }
  acknowledge(state, m.from, true, state.disk.applied, 0, ctx, true)
}

// ---- elections ----

function awaitLeader(state: MemberState, ctx: Ctx, delay: number): void {
  if (state.electionTimer !== 0) ctx.cancel(state.electionTimer)
  state.electionTimer = ctx.after(delay, { type: 'raft/timeout' })
}

function follow(state: MemberState, term: number, leader: string, ctx: Ctx, why = ''): void {
  const { disk } = state
  if (term > disk.term) {
    disk.term = term
    disk.votedFor = ''
  }
  if (state.role === 'leader') {
    if (why !== '') ctx.trace({ kind: 'raft', what: why, detail: { term: disk.term } })
    for (const w of state.watchers) ctx.send(w, { type: 'etcd/lost-leader', member: state.id } as Message)
    state.watchers.clear()
    state.waiting.clear()
    state.batch = []
    state.reads = []
  }
  state.role = 'follower'
  state.leader = leader
  awaitLeader(state, ctx, election + ctx.rng.below(election))
}

function stand(state: MemberState, ctx: Ctx): void {
  state.electionTimer = 0
  if (state.role === 'leader') return
  awaitLeader(state, ctx, election + ctx.rng.below(election))
  const up = others(state).filter((m) => ctx.isUp(m))
  // Pre-vote: without a majority to be reached, terms do not grow.
  if (up.length + 1 < majority(state)) {
    state.role = 'follower'
    state.leader = ''
    return
  }
  const { disk } = state
  state.role = 'candidate'
  state.leader = ''
  disk.term++
  disk.votedFor = state.id
  state.votes = [state.id]
  ctx.trace({ kind: 'raft', what: 'stands for election', detail: { term: disk.term } })
  const lastTerm = disk.termAt(disk.lastIndex) ?? disk.appliedTerm
  for (const m of up) ctx.send(m, { type: 'raft/vote', from: state.id, term: disk.term, last: disk.lastIndex, lastTerm, granted: false } as Vote)
}

function onVote(state: MemberState, m: Vote, ctx: Ctx): void {
  const { disk } = state
  if (m.term > disk.term) follow(state, m.term, '', ctx)
  const lastTerm = disk.termAt(disk.lastIndex) ?? disk.appliedTerm
  const current = m.lastTerm > lastTerm || (m.lastTerm === lastTerm && m.last >= disk.lastIndex)
  const granted = m.term === disk.term && current && (disk.votedFor === '' || disk.votedFor === m.from)
  if (granted) {
    disk.votedFor = m.from
    awaitLeader(state, ctx, election + ctx.rng.below(election))
  }
  ctx.send(m.from, { type: 'raft/voted', from: state.id, term: disk.term, last: 0, lastTerm: 0, granted } as Vote)
}

function onVoted(state: MemberState, m: Vote, ctx: Ctx): void {
  if (m.term > state.disk.term) return follow(state, m.term, '', ctx)
  if (state.role !== 'candidate' || m.term < state.disk.term || !m.granted || state.votes.includes(m.from)) return
  state.votes.push(m.from)
  if (state.votes.length < majority(state)) return
  state.role = 'leader'
  state.leader = state.id
  if (state.electionTimer !== 0) ctx.cancel(state.electionTimer)
  state.electionTimer = 0
  state.next.clear()
  state.match.clear()
  state.confirmed.clear()
  ctx.trace({ kind: 'raft', what: 'became leader', detail: { term: state.disk.term } })
  // An empty entry of the own term commits what the last leader left behind.
  propose(state, { op: { op: 'none' }, client: '', id: 0, cause: ctx.cause }, ctx)
  for (const m2 of others(state)) state.next.set(m2, state.disk.lastIndex)
  beat(state, ctx)
}

function onDisconnected(state: MemberState, peer: string, ctx: Ctx): void {
  state.watchers.delete(peer)
  if (!state.members.includes(peer)) return
  if (state.role === 'leader') {
    state.next.set(peer, (state.match.get(peer) ?? 0) + 1)
    const alive = 1 + others(state).filter((m) => ctx.isUp(m)).length
    if (alive < majority(state)) follow(state, state.disk.term, '', ctx, 'lost its quorum')
  } else if (peer === state.leader) {
    state.leader = ''
    awaitLeader(state, ctx, election + ctx.rng.below(election))
  }
}
