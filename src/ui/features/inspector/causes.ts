import type { StepRow } from '../../../bridge/protocol'
import { isBad } from '../../state'

/** A trace record as the question `why` answers it: what happened, and which record caused it. */
export interface CauseRecord {
  readonly id: number
  readonly at: number
  readonly kind: string
  readonly actor: string
  readonly what: string
  readonly object?: { readonly resource: string; readonly namespace: string; readonly name: string } | undefined
  readonly revision?: number | undefined
  readonly detail?: unknown
}

/** One link of the chain, in words. */
export interface Cause {
  readonly id: number
  readonly at: number
  readonly title: string
  readonly note: string
  /** Records that this card stands for; a step may belong to any of them. */
  readonly records: readonly number[]
}

/**
 * Turns a chain of records (newest first) into cards. A request, the controller's look that led to it, its handling and its
 * transaction are one card; what only carries something on (output, notes) is none.
 */
export function causesOf(chain: readonly CauseRecord[]): readonly Cause[] {
  const cards: Cause[] = []
  let open: { handled: CauseRecord | undefined; store: CauseRecord | undefined; request: CauseRecord | undefined; by: CauseRecord | undefined; records: number[] } | undefined
  const close = (): void => {
    if (open) cards.push(writeCard(open.handled ?? open.store, open.request, open.by, open.records))
    open = undefined
  }
  const begin = (): NonNullable<typeof open> => {
    close()
    return (open = { handled: undefined, store: undefined, request: undefined, by: undefined, records: [] })
  }
  for (const record of chain) {
    switch (record.kind) {
      case 'handled':
      case 'store':
      case 'request': {
        const write = !open || open.request || record.kind === 'handled' ? begin() : open
        write[record.kind] = record
        write.records.push(record.id)
        break
      }
      case 'reconcile':
      case 'schedule':
        if (open) {
          open.by = record
          open.records.push(record.id)
          close()
        } else cards.push(card(record, `${actorName(record)} looks at ${nameOf(record)}`, record.kind === 'schedule' ? 'scheduling' : 'reconcile'))
        break
      case 'output':
      case 'note':
      case 'raft':
        break
      default:
        close()
        cards.push(plainCard(record))
    }
  }
  close()
  return cards
}

/**
 * A node that has fallen silent sends nothing that could be a cause: the controller's look is. What made it silent is told
 * all the same, from the steps, before what the controller did.
 */
export function withSilence(causes: readonly Cause[], about: { readonly resource: string; readonly name: string }, steps: readonly StepRow[]): readonly Cause[] {
  const began = causes.findLast(({ at }) => at >= 0)
  if (about.resource !== 'nodes' || !began) return causes
  const fault = steps.findLast((step) => step.kind === 'fault' && step.object?.name === about.name && step.at <= began.at)
  if (!fault || !isBad(fault) || causes.some(({ records }) => records.includes(fault.record))) return causes
  const silence: Cause = { id: fault.record, at: fault.at, title: fault.caption, note: 'told to nobody: what follows comes of its silence', records: [fault.record] }
  return [...causes.filter(({ at }) => at > fault.at), silence]
}

/** `handled` is the API server's answer, or the transaction when a watch event made the chain skip the answer. */
function writeCard(handled: CauseRecord | undefined, request: CauseRecord | undefined, by: CauseRecord | undefined, records: readonly number[]): Cause {
  const record = (handled ?? request) as CauseRecord
  const who = by?.kind === 'reconcile' ? `${by.what} controller` : actorName(request ?? record)
  const verb = verbs[request?.what ?? ''] ?? verbs[record.what.toLowerCase()] ?? record.what
  const resource = (request ?? record).object?.resource ?? ''
  const sub = resource.split('/')[1]
  const object = nameOf(handled?.object ? handled : (request ?? record))
  const title = sub === 'binding' ? `${who} binds ${object} to a node` : sub === 'status' ? `${who} writes the status of ${object}` : sub === 'scale' ? `${who} scales ${object}` : sub === 'eviction' ? `${who} evicts ${object}` : `${who} ${verb} ${object}`
  const revision = handled?.revision ? `, rev ${handled.revision}` : ''
  return { id: record.id, at: record.at, title, note: `${record.kind === 'store' ? request?.what ?? record.what : record.what} ${resource}${revision}`, records }
}

function plainCard(record: CauseRecord): Cause {
  switch (record.kind) {
    case 'input':
      return card(record, inputText(record), 'what you did')
    case 'fault':
      return card(record, `${nameOf(record)}: ${record.what}`, 'fault')
    case 'watch':
      return card(record, `${actorName(record)} is told: ${record.what} ${nameOf(record)}`, `watch event${record.revision ? `, rev ${record.revision}` : ''}`)
    case 'timer':
      return card(record, `${actorName(record)}: a wait is over`, record.what)
    case 'local':
      return card(record, `${actorName(record)} calls ${typeof record.detail === 'object' && record.detail !== null && 'to' in record.detail ? String(record.detail.to).split('@')[0] : 'its runtime'}: ${record.what}`, 'local call')
    case 'boot':
      return card(record, `${actorName(record)} starts`, 'start')
    case 'crash':
      return card(record, `${actorName(record)} stops`, 'crash')
    case 'probe':
      return card(record, `${actorName(record)} probes ${nameOf(record)}`, record.what)
    case 'program':
      return card(record, `${nameOf(record)}: ${record.what}`, 'container')
    default:
      return card(record, `${actorName(record)}: ${record.what}`, record.kind)
  }
}

const card = (record: CauseRecord, title: string, note: string): Cause => ({ id: record.id, at: record.at, title, note, records: [record.id] })

const verbs: Readonly<Record<string, string>> = {
  create: 'creates', update: 'updates', patch: 'changes', delete: 'deletes', deletecollection: 'deletes', get: 'reads', list: 'lists', watch: 'watches',
  post: 'creates', put: 'updates',
}

function inputText({ what, detail }: CauseRecord): string {
  const line = typeof detail === 'object' && detail !== null && 'line' in detail && typeof detail.line === 'string' ? detail.line : undefined
  return line ? `You ran ${line}` : `You: ${what}`
}

/** `kubelet on node-2`, `replicaset controller`, `You`. */
function actorName({ actor }: CauseRecord): string {
  if (actor === '' || actor === 'you') return 'You'
  if (actor.startsWith('kubectl')) return 'kubectl'
  const at = actor.indexOf('@')
  if (at >= 0) return `${actor.slice(0, at)} on ${actor.slice(at + 1)}`
  const slash = actor.indexOf('/')
  return slash >= 0 ? `${actor.slice(slash + 1)} controller` : actor
}

function nameOf({ object, what }: CauseRecord): string {
  return object ? `${object.resource.split('/')[0]?.replace(/s$/, '') ?? ''} ${object.name}` : what
}
