import type { Taint, Toleration } from '../../api'
import { SECOND, type Micros } from '../../sim'

/** Whether a toleration covers a taint. Upstream: Toleration.ToleratesTaint */
export function tolerates(t: Toleration, taint: Taint): boolean {
  if (t.effect && t.effect !== taint.effect) return false
  if (t.key && t.key !== taint.key) return false
  if (t.operator === 'Exists') return true
  return (t.operator ?? 'Equal') === 'Equal' && t.key !== undefined && t.key !== '' && (t.value ?? '') === (taint.value ?? '')
}

/** How long a pod with these tolerations may stay among these taints: undefined for ever. Units: µs. Upstream: GetMatchingTolerations, getMinTolerationTime */
export function tolerationTime(tolerations: readonly Toleration[] | undefined, taints: readonly Taint[]): Micros | undefined {
  let min: number | undefined
  for (const taint of taints) {
    const t = tolerations?.find((x) => tolerates(x, taint))
    if (t === undefined) return 0
    if (t.tolerationSeconds == null) continue
    const seconds = Math.max(0, t.tolerationSeconds)
    if (min === undefined || seconds < min) min = seconds
  }
  return min === undefined ? undefined : min * SECOND
}
