import { useId, useMemo, useState } from 'react'
import { Button, Dialog, cx } from '../../kit'
import { useAnswer, useKubeloop, useUi, type Kubeloop } from '../../state'
import { Field, ClientSelect, field } from './fields'
import { sendRequests } from './follow'
import { clientOf, idOfLabel, likelyClient, targetOptions } from './targets'

/** From whom, to where, how often. Opened with a client (`pod/…`, `node/…`), a Service (`service/key`), a request (`again/7`), or nothing. */
export function SendDialog() {
  const kubeloop = useKubeloop()
  const key = useUi((ui) => ui.dialog?.key ?? '')
  const first = useMemo(() => beginning(kubeloop, key), [kubeloop, key])
  const [from, setFrom] = useState(first.from)
  const [typed, setTyped] = useState<string | null>(first.to)
  const [host, setHost] = useState('')
  const [times, setTimes] = useState(1)
  const [timeoutMs, setTimeoutMs] = useState(5000)
  const list = useId()
  const options = targetOptions(kubeloop, clientOf(from), first.service)
  const hosts = useIngressHosts(kubeloop)
  const all = [...options, ...(from === 'outside' ? hosts.map((to) => ({ to, how: 'Ingress', service: '' })) : [])]
  const to = typed ?? all.find(({ service }) => service === first.service)?.to ?? all[0]?.to ?? ''
  const close = (): void => kubeloop.setUi({ dialog: null })
  return (
    <Dialog title="Send one request" onClose={close}>
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          close()
          sendRequests(kubeloop, { from: clientOf(from), to: to.trim(), ...(host.trim() ? { host: host.trim() } : {}), timeoutMs }, times)
        }}
      >
        <ClientSelect kubeloop={kubeloop} value={from} onChange={setFrom} />
        <Field label="To" hint="name or address, port, path">
          <input className={cx(field, 'mono')} list={list} required value={to} spellCheck={false} autoCapitalize="off" placeholder="http://web:80/" onChange={(event) => setTyped(event.target.value)} />
          <datalist id={list}>{all.map((option) => <option key={`${option.to} ${option.how}`} value={option.to}>{option.how}</option>)}</datalist>
        </Field>
        {all.length > 0 && (
          <div className="-mt-1.5 flex flex-wrap gap-1" aria-label="Known targets">
            {all.slice(0, 6).map((option) => <button key={`${option.to} ${option.how}`} type="button" className={cx('chip max-w-full coarse:min-h-11', option.to === to && 'on')} onClick={() => setTyped(option.to)}><span className="mono el">{option.to}</span> <span>{option.how}</span></button>)}
          </div>
        )}
        <div className="grid grid-cols-3 gap-2">
          <Field label="Host header"><input className={cx(field, 'mono')} value={host} placeholder="as in To" spellCheck={false} autoCapitalize="off" onChange={(event) => setHost(event.target.value)} /></Field>
          <Field label="Times"><input className={field} type="number" min={1} max={100} required value={times} onChange={(event) => setTimes(event.target.valueAsNumber || 1)} /></Field>
          <Field label="Timeout, ms"><input className={field} type="number" min={1} max={600_000} required value={timeoutMs} onChange={(event) => setTimeoutMs(event.target.valueAsNumber || 5000)} /></Field>
        </div>
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button tone="primary" type="submit" disabled={to.trim() === ''}>{times > 1 ? `Send ${times} requests` : 'Send'}</Button>
        </div>
      </form>
    </Dialog>
  )
}

function beginning(kubeloop: Kubeloop, key: string): { readonly from: string; readonly to: string | null; readonly service: string } {
  if (key.startsWith('again/')) {
    const j = kubeloop.traffic.journey(Number(key.slice(6)))
    if (j) return { from: idOfLabel(kubeloop, j.client), to: j.asked.replace(/^(http:\/\/[^/]*):80(?=\/|$)/, '$1').replace(/^(https:\/\/[^/]*):443(?=\/|$)/, '$1'), service: j.service }
  }
  const row = key.startsWith('service/') ? kubeloop.services.get(key.slice(8)) : [...kubeloop.services.rows.values()].find((s) => s.namespace !== 'kube-system' && s.name !== 'kubernetes')
  const service = row ? `${row.namespace}/${row.name}` : ''
  return { from: /^(pod|node)\//.test(key) || key === 'outside' ? key : likelyClient(kubeloop, row), to: null, service }
}

interface IngressSpec {
  readonly spec?: { readonly tls?: readonly unknown[]; readonly rules?: readonly { readonly host?: string; readonly http?: { readonly paths?: readonly { readonly path?: string }[] } }[] }
}

/** Host names of the first Ingress: what a person outside would type. */
function useIngressHosts(kubeloop: Kubeloop): readonly string[] {
  const row = [...kubeloop.objects.rows.values()].find(({ kind }) => kind === 'Ingress')
  const { value } = useAnswer(row ? { about: 'object', resource: row.resource, namespace: row.namespace, name: row.name } : null)
  const { rules, tls } = (value as IngressSpec | null | undefined)?.spec ?? {}
  return (rules ?? []).flatMap(({ host, http }) => (host ? (http?.paths ?? [{}]).map(({ path }) => `${tls ? 'https' : 'http'}://${host}${path && path !== '/' ? path : ''}`) : []))
}
