import { useCallback, useSyncExternalStore } from 'react'
import { numberText } from '../../kit'
import { outcomeWords, outcomes, useKubeloop, type TrafficRate } from '../../state'
import type { Item } from './items'

/** What the traffic map says of a Service or a pod, in words; empty: no requests in the last second. */
export function useTrafficWords(item: Item): string {
  const { traffic, session } = useKubeloop()
  const key = item.kind === 'service' || item.kind === 'pod' ? `${item.row.namespace}/${item.row.name}` : ''
  const subscribe = useCallback((wake: () => void) => {
    if (key === '') return () => {}
    const stops = [traffic.subscribe(wake), session.subscribe(wake)] // the clock too: what was sent a while ago is over
    return () => stops.forEach((stop) => stop())
  }, [traffic, session, key])
  return useSyncExternalStore(subscribe, () => {
    if (key === '' || traffic.spans.length === 0) return ''
    const rates = traffic.inSecondBefore(session.getState().clock.now)
    return trafficText((item.kind === 'service' ? rates.services : rates.pods).get(key))
  })
}

/** `20/s, all answered`; `20/s, 33% failed: Timeout` */
export function trafficText(rate: TrafficRate | undefined): string {
  if (!rate || (rate.sent < 0.05 && rate.ended.every((n) => n < 0.05))) return ''
  const ended = rate.ended.reduce((a, b) => a + b, 0)
  const failed = ended - (rate.ended[0] ?? 0)
  let worst = 1
  for (let o = 2; o < outcomes.length; o++) if ((rate.ended[o] ?? 0) > (rate.ended[worst] ?? 0)) worst = o
  const reason = outcomes[worst]
  const fate = ended < 0.05 ? '' : failed < 0.05 ? ', all answered' : `, ${Math.max(1, Math.round((100 * failed) / ended))}% failed${reason ? `: ${outcomeWords[reason]}` : ''}`
  return `${rate.sent < 9.95 ? rate.sent.toFixed(1) : numberText(Math.round(rate.sent))}/s${fate}`
}
