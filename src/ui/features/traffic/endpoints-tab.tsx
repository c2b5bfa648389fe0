import { useMemo } from 'react'
import { Glyph, TickText, clockText, cx, durationText, numberText } from '../../kit'
import { useAnswer, useKeys, useKubeloop, useRow, useTrafficMoment, useUi, type Selection } from '../../state'

interface Slice {
  readonly metadata: { readonly name: string; readonly resourceVersion?: string; readonly labels?: Readonly<Record<string, string>> }
  readonly addressType?: string
  readonly ports?: readonly { readonly name?: string; readonly port?: number; readonly protocol?: string }[]
  readonly endpoints?: readonly {
    readonly addresses: readonly string[]
    readonly conditions?: { readonly ready?: boolean; readonly serving?: boolean; readonly terminating?: boolean }
    readonly nodeName?: string
    readonly zone?: string
    readonly targetRef?: { readonly kind?: string; readonly name?: string; readonly uid?: string }
  }[]
}

/** The EndpointSlices of a Service with the conditions of each endpoint, and what DNS was asked about it. */
export function EndpointsTab() {
  const { services, objects } = useKubeloop()
  const row = useRow(services, useUi((ui) => ui.selection?.key ?? ''))
  const keys = useKeys(objects)
  // A slice is named after its Service; whether it is really of it is read from its label.
  const names = useMemo(() => keys.flatMap((key) => {
    const o = objects.get(key)
    return o && row && o.kind === 'EndpointSlice' && o.namespace === row.namespace && o.name.startsWith(row.name.slice(0, 20)) ? [o.name] : []
  }), [keys, objects, row])
  if (!row) return <p className="p-3 text-12 text-text2">The Service does not exist at this moment.</p>
  return (
    <div className="space-y-3 p-3">
      {row.type === 'ExternalName' && <p className="text-12 text-text2">An ExternalName has no endpoints: DNS answers with the name {row.externalIP}.</p>}
      {names.length === 0 && row.type !== 'ExternalName' && <p className="text-12 text-text2">No EndpointSlice yet: the endpointslice controller has not seen the Service, or it has no selector.</p>}
      {names.slice(0, 12).map((name) => <SliceView key={name} namespace={row.namespace} name={name} service={row.name} />)}
      <Lookups service={`${row.name}.${row.namespace}`} name={row.name} />
    </div>
  )
}

function SliceView({ namespace, name, service }: { readonly namespace: string; readonly name: string; readonly service: string }) {
  const kubeloop = useKubeloop()
  const { value } = useAnswer({ about: 'object', resource: 'endpointslices', namespace, name })
  const slice = value as Slice | undefined | null
  if (!slice?.metadata || slice.metadata.labels?.['kubernetes.io/service-name'] !== service) return null
  const { endpoints = [] } = slice
  const to = (uid: string | undefined): Selection | null => (uid && kubeloop.pods.get(uid) ? { kind: 'pod', key: uid } : null)
  return (
    <section aria-label={`EndpointSlice ${name}`} className="rounded-2 border border-line1 bg-bg2 text-11/[18px]">
      <h3 className="flex items-baseline gap-2 border-b border-line1 px-2 py-1"><b className="mono el text-12 font-semibold">{name}</b><span className="mono ml-auto shrink-0 text-text3">rev {numberText(Number(slice.metadata.resourceVersion ?? 0))}</span></h3>
      <p className="mono px-2 py-1 text-text2">{slice.addressType}, {(slice.ports ?? []).map((p) => `${p.name ? `${p.name} ` : ''}${p.port}/${p.protocol}`).join(', ') || 'no port'}</p>
      {endpoints.length === 0 ? <p className="border-t border-line1 px-2 py-1 text-err">No endpoint: no pod matches the selector.</p> : (
        <table className="w-full border-t border-line1">
          <thead className="text-left text-text3"><tr><th className="py-0.5 pl-2 font-medium">Address</th><th className="font-medium">Pod</th><th className="font-medium">ready</th><th className="font-medium">serving</th><th className="pr-2 font-medium">terminating</th></tr></thead>
          <tbody>
            {endpoints.map((e) => {
              const { ready = true, serving = true, terminating = false } = e.conditions ?? {}
              const pod = to(e.targetRef?.uid)
              const label = e.targetRef?.name ?? '–'
              return (
                <tr key={e.addresses.join()} className="border-t border-line1">
                  <td className="mono pl-2">{e.addresses.join(', ')}</td>
                  <td className="mono el max-w-24" data-tip={`${label}\non ${e.nodeName ?? '?'}${e.zone ? `, ${e.zone}` : ''}`}>{pod ? <button type="button" className="text-accent hover:underline" onClick={() => kubeloop.select(pod)}>{label.slice(-5)}</button> : label.slice(-5)}</td>
                  <Bool value={ready} good /><Bool value={serving} good /><Bool value={terminating} good={false} />
                </tr>
              )
            })}
          </tbody>
        </table>
      )}
    </section>
  )
}

function Bool({ value, good }: { readonly value: boolean; readonly good: boolean }) {
  return <td className={cx('pr-2', value === good ? '' : 'warn')}><span className="inline-flex items-center gap-1">{value !== good && <Glyph name={good ? 'warn' : 'term'} />}{String(value)}</span></td>
}

/** The same question with the same answer. */
interface Lookup {
  /** The newest request that asked so, and when it had the answer. */
  readonly id: number
  readonly at: number
  readonly text: string
  readonly ok: boolean
  count: number
}

/** The newest questions to DNS about a name, out of the journeys; equal ones once. */
function Lookups({ service, name }: { readonly service: string; readonly name: string }) {
  const { traffic, now } = useTrafficMoment()
  const kubeloop = useKubeloop()
  const found = new Map<string, Lookup>()
  for (let i = traffic.journeys.length - 1; i >= 0; i--) {
    const j = traffic.journeys[i]
    if (!j || j.at + j.latency > now) continue
    for (const hop of j.hops) {
      if (hop.kind !== 'dns' || !(hop.text.startsWith(`${service}.`) || hop.text.startsWith(`${name}.`) || hop.text.startsWith(`${name}?`))) continue
      const known = found.get(hop.text)
      if (known) known.count++
      else if (found.size < 20) found.set(hop.text, { id: j.id, at: j.at + hop.after, text: hop.text, ok: hop.ok, count: 1 })
    }
  }
  return (
    <section aria-label="DNS lookups">
      <h3 className="mb-1 flex justify-between text-11 font-semibold text-text3">DNS lookups, newest first <span className="font-normal">of sampled requests</span></h3>
      {found.size === 0 && <p className="text-12 text-text2">None among the sampled requests.</p>}
      <ul className="space-y-1 text-11/[16px]">
        {[...found.values()].map((l) => (
          <li key={l.text} className="grid grid-cols-[14px_minmax(0,1fr)_auto] gap-1.5">
            <span className="pt-0.5"><Glyph name={l.ok ? 'ok' : 'err'} /></span>
            <button type="button" className="text-left break-words hover:underline coarse:min-h-11" data-tip={`Request ${l.id} at ${clockText(l.at)}`} onClick={() => kubeloop.select({ kind: 'request', key: String(l.id) })}>{l.text}</button>
            <span className="text-right text-text3">{l.count > 1 && <span className="mono">×{numberText(l.count)} </span>}<TickText text={(t) => `${durationText(t - l.at)} ago`} /></span>
          </li>
        ))}
      </ul>
    </section>
  )
}
