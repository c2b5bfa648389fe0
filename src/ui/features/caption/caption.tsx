import { useEffect, useRef, useState } from 'react'
import type { StepRow } from '../../../bridge/protocol'
import { Button, cx, durationText } from '../../kit'
import { isBad, outcomeWords, useKubeloop, useSession, useTrafficPart, useUi, type Kubeloop, type Selection } from '../../state'
import { DetailSwitch } from './detail-switch'
import { LayerSwitch } from './layer-switch'

/** Says in a sentence what the step on screen did. */
export function Caption() {
  const step = useSession((s) => s.current)
  const number = useSession((s) => s.step)
  const last = useSession((s) => s.lastStep)
  const skipped = useSession((s) => s.skipped)
  const started = useSession((s) => s.frame > 0)
  const request = useUi((ui) => (ui.layer === 'traffic' && ui.selection?.kind === 'request' ? Number(ui.selection.key) : 0))
  if (request > 0) return <RequestCaption id={request} />
  return (
    <div className={cx('flex min-h-9 items-center contain-layout gap-2.5 max-[599px]:flex-wrap max-[599px]:gap-y-1.5 rounded-3 border bg-bg1 py-1 pr-1.5 pl-2 text-13 shadow-(--shadow)', step && isBad(step) ? 'border-err' : 'border-line1')}>
      <span className="mono shrink-0 rounded-1 bg-accent-soft px-1.5 text-11/5 font-semibold whitespace-nowrap text-accent">{number} / {last}</span>
      <span className="min-w-0 flex-1 truncate max-[599px]:line-clamp-3 max-[599px]:basis-40 max-[599px]:whitespace-normal" data-tip={step?.caption}>
        {step ? <Sentence step={step} /> : started ? 'Nothing has happened yet.' : 'Starting the simulation'}
        {skipped > 0 && <span className="text-text3"> ({durationText(skipped)} skipped)</span>}
      </span>
      <DetailSwitch />
      <LayerSwitch />
      <WhyButton />
      <LiveCaption />
    </div>
  )
}

/** Says in a sentence where the selected request is, or what became of it. */
function RequestCaption({ id }: { readonly id: number }) {
  const journey = useTrafficPart((traffic) => traffic.journey(id))
  const hop = useUi((ui) => journey?.hops[ui.hop])
  const failed = journey !== undefined && journey.outcome !== 'ok'
  const text = hop?.text ?? (journey ? (failed ? `${outcomeWords[journey.outcome]}: ${journey.hops.findLast((h) => !h.ok)?.text ?? ''}` : `${journey.asked} was answered${journey.pod ? ` by ${journey.pod.slice(journey.pod.indexOf('/') + 1)}` : ''}${journey.node ? ` on ${journey.node}` : ''}`) : '')
  return (
    <div className={cx('flex min-h-9 items-center contain-layout gap-2.5 max-[599px]:flex-wrap max-[599px]:gap-y-1.5 rounded-3 border bg-bg1 py-1 pr-1.5 pl-2 text-13 shadow-(--shadow)', failed && (!hop || !hop.ok) ? 'border-err' : 'border-line1')}>
      <span className="mono shrink-0 rounded-1 bg-accent-soft px-1.5 text-11/5 font-semibold whitespace-nowrap text-accent">Request {id}</span>
      <span className="min-w-0 flex-1 truncate max-[599px]:line-clamp-3 max-[599px]:basis-40 max-[599px]:whitespace-normal" data-tip={text}>{text}</span>
      <LayerSwitch />
      <LiveCaption />
    </div>
  )
}

/** The caption with the names in it set in bold: the actor it begins with, and the object. */
function Sentence({ step }: { readonly step: StepRow }) {
  const name = step.object?.name
  const at = name ? step.caption.indexOf(name) : -1
  if (!name || at < 0) return step.caption
  return <>{step.caption.slice(0, at)}<b className="font-semibold">{name}</b>{step.caption.slice(at + name.length)}</>
}

/** Asks why the selected object is as it is, or what the step changed. Exists when the inspector can answer. */
function WhyButton() {
  const kubeloop = useKubeloop()
  const selection = useUi((ui) => ui.selection)
  const step = useSession((s) => s.current)
  const target = selection ?? (step ? selectionOf(kubeloop, step) : null)
  const tab = kubeloop.slots.inspectorTabs.find(({ id }) => id === 'why')
  if (!tab || !target || !tab.for(target)) return null
  const open = (): void => {
    kubeloop.select(target)
    kubeloop.setUi({ inspectorTab: 'why' })
  }
  return <Button size="sm" aria-keyshortcuts="W" data-tip="Why is it so? (W)" onClick={open}>Why?</Button>
}

/** The object that a step wrote to, when it is one that can be selected. */
function selectionOf(kubeloop: Kubeloop, { object }: StepRow): Selection | null {
  if (!object) return null
  const resource = object.resource.split('/')[0]
  if (resource === 'nodes') return kubeloop.nodes.get(object.name) ? { kind: 'node', key: object.name } : null
  const find = (kind: 'pod' | 'workload' | 'service', rows: Iterable<{ readonly key: string; readonly namespace: string; readonly name: string }>): Selection | null => {
    for (const row of rows) if (row.name === object.name && row.namespace === object.namespace) return { kind, key: row.key }
    return null
  }
  if (resource === 'pods') return find('pod', kubeloop.pods.rows.values())
  if (resource === 'services') return find('service', kubeloop.services.rows.values())
  return resource && /^(deployments|replicasets|statefulsets|daemonsets|jobs|cronjobs)$/.test(resource) ? find('workload', kubeloop.workloads.rows.values()) : null
}

/** The caption for screen readers: one message per step, none above double speed. */
function LiveCaption() {
  const kubeloop = useKubeloop()
  const [words, setWords] = useState('')
  const timer = useRef(0)
  useEffect(() => {
    const stop = kubeloop.session.subscribe((now, before) => {
      if (now.step === before.step || (now.clock.playing && now.clock.pace.factor > 2)) return
      clearTimeout(timer.current)
      timer.current = window.setTimeout(() => setWords(now.current ? `Step ${now.step}: ${now.current.caption}` : ''), 300)
    })
    return () => {
      stop()
      clearTimeout(timer.current)
    }
  }, [kubeloop])
  return <output aria-live="polite" className="sr-only">{words}</output>
}
