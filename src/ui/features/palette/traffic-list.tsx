import { Square } from 'lucide-react'
import { IconButton, numberText } from '../../kit'
import { useKubeloop, useTraffic } from '../../state'

/** The load generators that run, with their rates; a click changes one. */
export function TrafficList() {
  const kubeloop = useKubeloop()
  const { generators } = useTraffic()
  return generators.map(({ id, spec, rate, inFlight }) => (
    <div key={id} className="-mx-2 flex h-8 items-center rounded-2 pr-1 hover:bg-bg3 coarse:h-11">
      <button type="button" data-tip={`${spec.to}\n${numberText(inFlight)} under way`} aria-label={`Change ${id}`} className="flex h-full min-w-0 flex-1 items-center gap-2 rounded-2 px-2 text-left" onClick={() => kubeloop.setUi({ dialog: { name: 'load', key: `generator/${id}` } })}>
        <span className="mono el text-12">{id}</span>
        <span className="mono ml-auto shrink-0 text-11 text-text3">{spec.pattern.kind === 'closed' ? `${numberText(spec.pattern.users)} users` : `${numberText(Math.round(rate * 10) / 10)}/s`}</span>
      </button>
      <IconButton size="sm" label={`Stop ${id}`} onClick={() => kubeloop.input({ type: 'traffic', do: 'stop', id })}><Square /></IconButton>
    </div>
  ))
}
