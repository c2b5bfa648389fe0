import { Fragment, memo } from 'react'
import { Button, Glyph, cx, numberText } from '../../../kit'
import { runKubectl, shelf, useComponent, useKubeloop, usePodKeys, useRow, useRows, useSession, useUi } from '../../../state'
import type { StepRow } from '../../../../bridge/protocol'
import type { MapItem } from '../flow'
import { ownerOf } from '../hover-style'
import { useLayout } from '../layout-context'
import { componentLook } from './components'
import { PodLine, PodName, podLabel } from './pod-tile'

const stages = ['authn', 'authz', 'admission', 'validate', 'store', 'watch cache'] as const

/** kube-apiserver: every control message starts or ends here. Below it, the records that no node has. */
export function Spine({ item }: { readonly item: MapItem }) {
  const row = useComponent('kube-apiserver')
  const revision = useSession((s) => s.clock.revision)
  const lit = useSession((s) => litStage(s.current))
  const selected = useUi((ui) => ui.selection?.kind === 'component' && ui.selection.key === 'kube-apiserver')
  const waiting = usePodKeys(shelf)
  const { level } = useLayout()
  if (!row) return null
  const look = componentLook(row)
  const down = row.state === 'down' || row.state === 'crashed'
  const [kind, stage] = lit.split(':')
  return (
    <section className={cx('spine', down && 'down', selected && 'on')} data-hit="component:kube-apiserver">
      <div className="r1">
        <button type="button" tabIndex={-1} className="hd" data-obj="component:kube-apiserver" data-level="0" aria-pressed={selected} aria-keyshortcuts="K S" aria-label={`kube-apiserver, ${look.word || row.state}, revision ${revision}`}>
          <svg className="text-accent" viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" strokeWidth="1.4" strokeLinecap="round" aria-hidden="true"><path d="M1.5 8h13M4.5 5v6M8 3.5v9M11.5 5v6" /></svg>
          <span className="text-14 font-semibold">kube-apiserver</span>
          <Glyph name={look.glyph} {...(look.tone ? { tone: look.tone } : {})} />
          {look.word && <span className="text-11 text-err">{look.word}</span>}
        </button>
        <span className="flex-1" />
        {item.width > 680 && (
          <span className="pipe">
            {stages.map((name, i) => (
              <Fragment key={name}>
                {i > 0 && <u aria-hidden="true">›</u>}
                <i className={cx(stage === name && (kind === 'err' ? 'bad' : 'on'))}>{name}{stage === name && kind === 'err' && <span className="sr-only"> refused</span>}</i>
              </Fragment>
            ))}
          </span>
        )}
        <span className="flex-1" />
        {level !== 'pods' && <span className={cx('text-11 whitespace-nowrap', waiting.length > 0 ? 'warn' : 'text-text3')}>{waiting.length} without a node</span>}
        <span className="text-11 whitespace-nowrap text-text2">{row.watches === undefined ? '' : `${row.watches} watches, `}rev {numberText(revision)}</span>
      </div>
      {level === 'pods' && <Shelf keys={waiting} width={item.width} />}
    </section>
  )
}

function Shelf({ keys, width }: { readonly keys: readonly string[]; readonly width: number }) {
  const room = Math.max(1, Math.floor((width - 240) / 196))
  const shown = keys.length > room ? keys.slice(0, room) : keys
  return (
    <div className="r2">
      <span className="text-text2 whitespace-nowrap">Records without a node</span>
      {keys.length === 0 && <span className="text-text3">none</span>}
      {shown.map((key) => <ShelfPod key={key} podKey={key} />)}
      {keys.length > shown.length && <span className="whitespace-nowrap text-text3">+{keys.length - shown.length} more</span>}
      <span className="flex-1" />
      {keys.length === 0 && <NothingDeployed />}
      {keys.length > 0 && keys.length < room - 1 && <span className="el text-text3">A pod exists here first. A node learns of it by watch.</span>}
    </div>
  )
}

/** The first thing to do in a cluster that runs nothing of the person's. */
function NothingDeployed() {
  const kubeloop = useKubeloop()
  const sample = useSession((s) => s.hello?.samples[0])
  const busy = [...useRows(kubeloop.workloads).values()].some((row) => row.namespace !== 'kube-system')
  if (busy || !sample) return null
  return (
    <>
      <span className="text-text3">Nothing is deployed</span>
      <Button size="sm" className="nodrag nopan" data-tip={sample.summary} onClick={(event) => { event.stopPropagation(); runKubectl(kubeloop, `Deploying ${sample.title}`, 'kubectl apply -f -', { stdin: sample.yaml }) }}>
        Deploy {sample.title}
      </Button>
    </>
  )
}

const ShelfPod = memo(function ShelfPod({ podKey }: { readonly podKey: string }) {
  const { pods } = useKubeloop()
  const pod = useRow(pods, podKey)
  const selected = useUi((ui) => ui.selection?.kind === 'pod' && ui.selection.key === podKey)
  if (!pod) return null
  return (
    <button type="button" tabIndex={-1} data-obj={`pod:${pod.key}`} data-level="1" aria-label={podLabel(pod)} aria-pressed={selected} data-tip={`${pod.name}\n${pod.namespace}`} data-owner={ownerOf(pod) ?? undefined} className={cx('pod ghost shelf', selected && 'sel')}>
      <Glyph name={pod.glyph} />
      <PodName pod={pod} />
      <PodLine pod={pod} />
    </button>
  )
})

/** The last stage that the step on screen is known to have reached: `on:store`, or `err:admission` where it was refused. */
function litStage(step: StepRow | null): string {
  if (!step) return ''
  let lit = ''
  for (const hop of step.hops) {
    if (hop.stage) return `err:${stageName(hop.stage)}`
    if (hop.kind === 'store' && lit === '') lit = 'on:store'
    if (hop.kind === 'watch') lit = 'on:watch cache'
  }
  return lit
}

/** The engine's names of stages are longer than the strip's. */
function stageName(stage: string): string {
  if (/authn|authentic/.test(stage)) return 'authn'
  if (/authz|authoriz/.test(stage)) return 'authz'
  if (/admi/.test(stage)) return 'admission'
  if (/valid|decod|default/.test(stage)) return 'validate'
  return /stor|regist|etcd/.test(stage) ? 'store' : stage
}
