import type { GeneratorView, Journey, JourneyHop, Pattern } from '../../../bridge/protocol'
import { numberText, type GlyphName } from '../../kit'
import { outcomeWords } from '../../state'

/** A latency: `0.4 ms`, `14.2 ms`, `5.00 s`. */
export function latencyText(us: number): string {
  if (us < 10_000_000 && us >= 1_000_000) return `${(us / 1_000_000).toFixed(2)} s`
  return us >= 1_000_000 ? `${(us / 1_000_000).toFixed(1)} s` : `${(us / 1000).toFixed(1)} ms`
}

/** A rate: `0.5`, `12`, `1,200`. */
export function rateText(perSecond: number): string {
  return perSecond > 0 && perSecond < 10 ? perSecond.toFixed(1).replace('.0', '') : numberText(Math.round(perSecond))
}

/** What became of a request: `200 OK`, `Timeout`. */
export function endText({ outcome, status }: Journey): string {
  return status > 0 ? `${status}${outcome === 'ok' && status === 200 ? ' OK' : outcome === 'ok' ? '' : ` ${outcomeWords[outcome]}`}` : outcomeWords[outcome]
}

/** The same as a shape. */
export function endGlyph({ outcome }: Pick<Journey, 'outcome'>): GlyphName {
  return outcome === 'ok' ? 'ok' : 'err'
}

/** The part of a pod's name that tells it from its siblings. */
export function podSuffix(pod: string): string {
  const name = pod.slice(pod.indexOf('/') + 1)
  return /-([a-z0-9]{5})$/.exec(name)?.[1] ?? name
}

const hopTitles: Readonly<Record<JourneyHop['kind'], string>> = {
  client: 'Client sends', dns: 'DNS lookup', balancer: 'Load balancer', rules: 'Rules of the node', policy: 'NetworkPolicy', network: 'CNI', server: 'The pod answers', proxy: 'Ingress controller', call: 'It calls another', end: 'End',
}

/** A few words for a station. */
export function hopTitle(hop: JourneyHop): string {
  const node = hop.where === 'outside' || hop.where === 'cloud' ? '' : hop.where
  switch (hop.kind) {
    case 'rules':
      return hop.ok ? `${node} rewrites the destination` : hop.rule ? `${node || 'The node'} turns it away` : `${node || 'The node'} does not take it`
    case 'network':
      return hop.ok ? `CNI on ${node || hop.where}` : 'No way on'
    case 'policy':
      return `NetworkPolicy on ${node}`
    case 'server':
      return hop.ok ? hopTitles.server : 'The pod fails it'
    case 'dns':
      return hop.ok ? hopTitles.dns : 'DNS lookup fails'
    case 'end':
      return hop.ok ? 'Answered' : 'Failed'
    default:
      return hopTitles[hop.kind]
  }
}

/** `12/s`, `2 → 40/s in 60 s` */
export function patternText(pattern: Pattern): string {
  switch (pattern.kind) {
    case 'constant':
      return `${rateText(pattern.rate)}/s`
    case 'ramp':
      return `${rateText(pattern.from)} → ${rateText(pattern.to)}/s in ${pattern.seconds} s`
    case 'spike':
      return `${rateText(pattern.base)}/s, ${rateText(pattern.peak)}/s for ${pattern.seconds} s after ${pattern.after} s`
    case 'closed':
      return `${numberText(pattern.users)} users, thinking ${pattern.thinkMs} ms`
  }
}

/** What a generator has reached: finished ones, and the share that was answered. */
export function generatorCounts({ counts }: GeneratorView): { readonly finished: number; readonly ok: number } {
  return { finished: counts.reduce((a, b) => a + b, 0), ok: counts[0] ?? 0 }
}

/** `99.9%`; only what is all of it is 100. */
export function shareText(part: number, whole: number): string {
  if (whole === 0) return '–'
  const share = (100 * part) / whole
  return share === 100 ? '100%' : `${Math.min(99.9, share).toFixed(1)}%`
}
