import { Square } from 'lucide-react'
import type { ServiceRow } from '../../../bridge/protocol'
import { Button, IconButton, numberText } from '../../kit'
import { useKubeloop, useTrafficMoment } from '../../state'
import { generatorCounts, patternText, rateText, shareText } from './words'

/** The load generators that run; of a Service, those that are aimed at it. */
export function Generators({ service }: { readonly service: ServiceRow }) {
  const kubeloop = useKubeloop()
  const { traffic } = useTrafficMoment()
  const entries = new Set([...traffic.flows.values()].filter((f) => f.service === `${service.namespace}/${service.name}`).map((f) => f.client))
  const rows = traffic.generators.filter(({ spec }) => {
    const host = /^(?:\w+:\/\/)?([^:/]+)/.exec(spec.to)?.[1] ?? ''
    if (host === service.clusterIP || host === service.name || host.startsWith(`${service.name}.`) || (service.externalIP !== '' && service.externalIP.includes(host))) return true
    return entries.has(spec.from.kind === 'outside' ? 'outside' : spec.from.kind === 'node' ? spec.from.name : `${spec.from.namespace}/${spec.from.name}`)
  })
  if (rows.length === 0) return null
  return (
    <ul aria-label="Load generators" className="space-y-1">
      {rows.map((g) => {
        const { finished, ok } = generatorCounts(g)
        return (
          <li key={g.id} className="flex items-center gap-2 rounded-2 border border-line1 bg-bg2 px-2 py-1.5 text-12">
            <div className="min-w-0 flex-1">
              <div className="el"><b className="font-semibold">{g.id}</b> <span className="mono text-11 text-text2">{patternText(g.spec.pattern)}</span></div>
              <div className="el text-11 text-text3">{g.rate > 0 ? `now ${rateText(g.rate)}/s, ` : ''}{numberText(g.sent)} sent, {numberText(g.inFlight)} under way, {shareText(ok, finished)} answered{g.skipped > 0 ? `, ${numberText(g.skipped)} not sent` : ''}</div>
            </div>
            <Button size="sm" onClick={() => kubeloop.setUi({ dialog: { name: 'load', key: `generator/${g.id}` } })}>Change</Button>
            <IconButton size="sm" label={`Stop ${g.id}`} onClick={() => kubeloop.input({ type: 'traffic', do: 'stop', id: g.id })}><Square /></IconButton>
          </li>
        )
      })}
    </ul>
  )
}
