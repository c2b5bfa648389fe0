import type { PodRow } from '../../../bridge/protocol'
import { Glyph, TickText, countdownText } from '../../kit'
import { useKubeloop } from '../../state'
import { Section } from './parts'

const mostLines = 30

/** Pods as lines that select them, those that need attention first. */
export function PodLines({ title, pods }: { readonly title: string; readonly pods: readonly PodRow[] }) {
  const { select } = useKubeloop()
  if (pods.length === 0) return null
  const fine = (pod: PodRow): number => (pod.glyph === 'ok' || pod.glyph === 'done' ? 1 : 0)
  const sorted = pods.toSorted((a, b) => fine(a) - fine(b) || (a.name < b.name ? -1 : 1))
  return (
    <Section title={title} note={pods.length}>
      <ul>
        {sorted.slice(0, mostLines).map((pod) => (
          <li key={pod.key}>
            <button type="button" className="-mx-1.5 flex h-6 w-[calc(100%+12px)] items-center gap-2 rounded-1 px-1.5 text-left text-12 hover:bg-bg3 coarse:h-11" onClick={() => select({ kind: 'pod', key: pod.key })}>
              <Glyph name={pod.glyph} />
              <span className="mono el text-11">{pod.name}</span>
              <span className="ml-auto shrink-0 text-11 text-text3">{podNote(pod)}</span>
            </button>
          </li>
        ))}
      </ul>
      {sorted.length > mostLines && <p className="text-11 text-text3">+{sorted.length - mostLines} more in the list view</p>}
    </Section>
  )
}

function podNote({ ring, line }: PodRow) {
  const endsAt = ring?.endsAt
  return endsAt === null || endsAt === undefined || ring?.kind === 'probe' ? line : <TickText text={(now) => (endsAt > now ? `${line} ${countdownText(endsAt - now)}` : line)} />
}
