import { SECOND, type Micros } from '../../sim'

/** `10`, `1.5`, `2m`, `1h`, `infinity` as µs; undefined when it is none. */
export function sleepTime(text: string): Micros | undefined {
  if (text === 'infinity' || text === 'inf') return Infinity
  const m = /^(\d+(?:\.\d+)?|\.\d+)([smhd]?)$/.exec(text)
  if (m === null) return undefined
  return Math.round(Number(m[1]) * ({ m: 60, h: 3600, d: 86_400 }[m[2] as 'm' | 'h' | 'd'] ?? 1) * SECOND)
}
