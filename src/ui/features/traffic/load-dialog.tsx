import { useId, useMemo, useState } from 'react'
import type { GeneratorSpec, Pattern } from '../../../bridge/protocol'
import { Button, Dialog, Segmented, cx } from '../../kit'
import { useKubeloop, useUi } from '../../state'
import { ClientSelect, Field, field } from './fields'
import { clientOf, idOfClient, likelyClient, targetOptions } from './targets'

type Kind = Pattern['kind']

const kinds: readonly { readonly id: Kind; readonly title: string }[] = [{ id: 'constant', title: 'Constant' }, { id: 'ramp', title: 'Ramp' }, { id: 'spike', title: 'Spike' }, { id: 'closed', title: 'Closed loop' }]

const beginnings: { readonly [K in Kind]: Extract<Pattern, { kind: K }> } = {
  constant: { kind: 'constant', rate: 20 },
  ramp: { kind: 'ramp', from: 1, to: 100, seconds: 60 },
  spike: { kind: 'spike', base: 10, peak: 200, after: 10, seconds: 20 },
  closed: { kind: 'closed', users: 10, thinkMs: 500 },
}

const numberWords: Readonly<Record<string, string>> = {
  rate: 'Requests a second', from: 'From, a second', to: 'To, a second', seconds: 'For, seconds', base: 'Usual, a second', peak: 'Peak, a second', after: 'After, seconds', users: 'Users', thinkMs: 'Thinking, ms',
}

/** A load generator: begun, or with the id of a running one (`generator/load-1`) changed. `service/key` aims it at a Service. */
export function LoadDialog() {
  const kubeloop = useKubeloop()
  const key = useUi((ui) => ui.dialog?.key ?? '')
  const running = key.startsWith('generator/') ? kubeloop.traffic.generators.find(({ id }) => id === key.slice(10)) : undefined
  const service = key.startsWith('service/') ? kubeloop.services.get(key.slice(8)) : [...kubeloop.services.rows.values()].find((s) => s.namespace !== 'kube-system' && s.name !== 'kubernetes')
  const first = useMemo(() => (running ? idOfClient(running.spec.from) : likelyClient(kubeloop, service)), [kubeloop, running, service])
  const [from, setFrom] = useState(first)
  const [typed, setTyped] = useState<string | null>(running?.spec.to ?? null)
  const [patterns, setPatterns] = useState<{ readonly [K in Kind]: Extract<Pattern, { kind: K }> }>(() => (running ? { ...beginnings, [running.spec.pattern.kind]: running.spec.pattern } : beginnings))
  const [kind, setKind] = useState<Kind>(running?.spec.pattern.kind ?? 'constant')
  const [keepAlive, setKeepAlive] = useState(running?.spec.keepAlive ?? false)
  const list = useId()
  const options = targetOptions(kubeloop, clientOf(from), service && `${service.namespace}/${service.name}`)
  const to = typed ?? options.find((o) => service && o.service === `${service.namespace}/${service.name}`)?.to ?? options[0]?.to ?? ''
  const pattern = patterns[kind]
  const close = (): void => kubeloop.setUi({ dialog: null })
  const start = (): void => {
    const spec: GeneratorSpec = { ...running?.spec, from: clientOf(from), to: to.trim(), pattern, keepAlive }
    if (running) kubeloop.input({ type: 'traffic', do: 'stop', id: running.id })
    kubeloop.input({ type: 'traffic', do: 'start', generator: spec })
    kubeloop.setUi({ dialog: null, layer: 'traffic' })
    kubeloop.toast({ tone: 'plain', text: running ? `${running.id} was changed` : `Requests to ${to} begin`, undo: true })
  }
  return (
    <Dialog title={running ? `Change ${running.id}` : 'Generate load'} onClose={close}>
      <form className="flex flex-col gap-3" onSubmit={(event) => { event.preventDefault(); start() }}>
        <ClientSelect kubeloop={kubeloop} value={from} onChange={setFrom} />
        <Field label="To" hint="name or address, port, path">
          <input className={cx(field, 'mono')} list={list} required value={to} spellCheck={false} autoCapitalize="off" onChange={(event) => setTyped(event.target.value)} />
          <datalist id={list}>{options.map((o) => <option key={`${o.to} ${o.how}`} value={o.to}>{o.how}</option>)}</datalist>
        </Field>
        <Segmented label="Pattern" className="flex w-full *:flex-1 *:px-1!" options={kinds} value={kind} onChange={setKind} />
        <div className="grid grid-cols-2 gap-2">
          {Object.entries(pattern).filter(([name]) => name !== 'kind').map(([name, value]) => (
            <Field key={`${kind} ${name}`} label={numberWords[name] ?? name}>
              <input
                className={field} type="number" min={0} max={1_000_000} step="any" required defaultValue={Number(value)}
                onChange={(event) => Number.isFinite(event.target.valueAsNumber) && setPatterns({ ...patterns, [kind]: { ...pattern, [name]: event.target.valueAsNumber } })}
              />
            </Field>
          ))}
        </div>
        <label className="flex items-center gap-2 text-12 coarse:min-h-11"><input type="checkbox" checked={keepAlive} onChange={(event) => setKeepAlive(event.target.checked)} />Keep connections: they stick to their pod</label>
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button tone="primary" type="submit" disabled={to.trim() === ''}>{running ? 'Change' : 'Start'}</Button>
        </div>
      </form>
    </Dialog>
  )
}
