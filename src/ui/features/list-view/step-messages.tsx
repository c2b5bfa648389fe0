import type { Hop } from '../../../bridge/protocol'
import { useSession } from '../../state'

const words: Readonly<Record<Hop['kind'], string>> = { write: 'writes to', read: 'reads from', store: 'stores in', watch: 'tells', local: 'calls' }

/** Most lines that are shown. */
const most = 60

/** The messages of the step on screen in words, which the map draws: who, to whom, what. */
export function StepMessages() {
  const step = useSession((s) => s.current)
  if (!step || step.hops.length === 0) return null
  const lines = new Map<string, { readonly hop: Hop; times: number }>()
  for (const hop of step.hops) {
    const key = `${hop.kind} ${hop.from} ${hop.to} ${hop.label}`
    const known = lines.get(key)
    if (known) known.times++
    else if (lines.size < most) lines.set(key, { hop, times: 1 })
  }
  return (
    <details className="shrink-0 border-b border-line1 text-12 text-text2">
      <summary className="cursor-pointer px-3 py-1.5 coarse:py-3">Messages of step {step.n}: {step.hops.length}</summary>
      {/* Scrolls by itself, so it can take the focus. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <ol tabIndex={0} aria-label={`Messages of step ${step.n}`} className="max-h-40 overflow-y-auto px-3 pb-2">
        {[...lines].map(([key, { hop, times }]) => (
          <li key={key} className="flex flex-wrap gap-x-1.5 py-0.5">
            <span>{placed(hop.from)}</span><span className="text-text3">{hop.from === 'you' ? words[hop.kind].replace('s ', ' ') : words[hop.kind]}</span><span>{placed(hop.to)}</span>
            <code className="mono text-11/[18px]">{hop.label}{times > 1 ? ` ×${times}` : ''}</code>
            {hop.code !== undefined && hop.code >= 400 && <span className="text-err">refused: {hop.code}{hop.stage ? ` by ${hop.stage}` : ''}</span>}
          </li>
        ))}
      </ol>
    </details>
  )
}

/** `kubelet on node-1`, `replicaset controller`, `You`. */
function placed(actor: string): string {
  if (actor === 'you') return 'You'
  const at = actor.indexOf('@')
  if (at >= 0) return `${actor.slice(0, at)} on ${actor.slice(at + 1)}`
  return actor.startsWith('kube-controller-manager/') ? `${actor.slice('kube-controller-manager/'.length)} controller` : actor
}
