import { memo } from 'react'
import type { PodRow } from '../../../../bridge/protocol'
import { Ring, TickText, countdownText, cx, glyphTone, type RingSpan } from '../../../kit'
import { useKubeloop, useRow, useUi } from '../../../state'
import { ownerOf } from '../hover-style'
import { shortPodName } from '../pod-name'
import { useLeave } from './leave'

/** A pod in its node's card. */
export const PodTile = memo(function PodTile({ podKey }: { readonly podKey: string }) {
  const { pods } = useKubeloop()
  const pod = useRow(pods, podKey)
  const selected = useUi((ui) => ui.selection?.kind === 'pod' && ui.selection.key === podKey)
  const tile = useLeave(podKey)
  if (!pod) return null
  return (
    <button
      ref={tile} type="button" tabIndex={-1} data-obj={`pod:${pod.key}`} data-level="1" aria-label={podLabel(pod)} aria-pressed={selected} data-tip={podTip(pod)} data-owner={ownerOf(pod) ?? undefined}
      className={cx('pod', pod.ghost && ghostClass(pod), pod.deleting && 'termg', selected && 'sel')}
    >
      <Ring size={22} glyph={pod.glyph} tone={glyphTone[pod.glyph]} span={ringSpan(pod)} />
      <span className="min-w-0 flex-1 text-left">
        <PodName pod={pod} />
        <PodLine pod={pod} />
        <span className="near el">{[pod.ip || 'no IP yet', pod.restarts > 0 && `${pod.restarts} restarts`].filter(Boolean).join(', ')}</span>
      </span>
    </button>
  )
})

/** The short name: prefix quiet, suffix plain. */
export function PodName({ pod }: { readonly pod: PodRow }) {
  const { prefix, suffix } = shortPodName(pod)
  return (
    <span className="nm">
      {prefix && <span className="pre">{prefix}</span>}
      <span className={prefix ? 'suf' : 'el'}>{prefix && <i>…</i>}{suffix}</span>
    </span>
  )
}

/** Status and ready, or the words of the running timer with what is left of it. */
export function PodLine({ pod }: { readonly pod: PodRow }) {
  const tone = pod.glyph === 'ok' ? '' : glyphTone[pod.glyph]
  const { ring } = pod
  if (!ring || ring.endsAt === null) {
    // The second clause is shown where there is room for it.
    const comma = pod.line.indexOf(', ')
    return (
      <span className={cx('st two', tone)}>
        <span><Words text={comma < 0 ? pod.line : pod.line.slice(0, comma)} /></span>
        {comma >= 0 && <span className="whitespace-pre">{pod.line.slice(comma)}</span>}
      </span>
    )
  }
  const { endsAt, kind } = ring
  const glue = kind === 'probe' ? ', probe ' : kind === 'scheduler' ? ', retry ' : kind === 'pull' ? ', ' : ' '
  return <span className={cx('st el', tone)}><Words text={pod.line} /><TickText text={(now) => (endsAt > now ? `${glue}${countdownText(endsAt - now)}` : '')} /></span>
}

/** A narrow tile has room for the short form of one long word only; its name and tip have kubectl's. */
function Words({ text }: { readonly text: string }) {
  return text === 'ContainerCreating' ? <><span className="long">Container</span>Creating</> : text
}

/** What a pod's ring shows: its timer, a closed circle when it is fine, or the track alone. */
export function ringSpan(pod: PodRow): RingSpan | 'full' | undefined {
  return pod.ring ?? (pod.glyph === 'ok' ? 'full' : undefined)
}

/** The accessible name of a pod. */
export function podLabel(pod: PodRow): string {
  return `Pod ${pod.name}, ${pod.status}, ${pod.ready} ready, ${pod.node ? `on ${pod.node}` : 'without a node'}`
}

function podTip(pod: PodRow): string {
  return `${pod.name}\n${pod.namespace}${pod.ip ? `, ${pod.ip}` : ', no IP yet'}\nphase ${pod.phase}, container ${pod.container}\nkubectl: ${pod.status} ${pod.ready}${pod.restarts > 0 ? `, ${pod.restarts} restarts` : ''}`
}

function ghostClass(pod: PodRow): string {
  return pod.glyph === 'prog' || pod.glyph === 'run' ? 'new' : 'ghost'
}
