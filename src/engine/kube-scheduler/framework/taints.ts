import type { Taint, Toleration } from '../../api'

/**
 * Whether a toleration covers a taint. `comparison` switches the alpha operators Lt and Gt on.
 * Upstream: api/core/v1/toleration.go ToleratesTaint
 */
export function toleratesTaint(toleration: Toleration, taint: Taint, comparison = false): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false
  if (toleration.key && toleration.key !== taint.key) return false
  switch (toleration.operator ?? '') {
    case '':
    case 'Equal':
      return (toleration.value ?? '') === (taint.value ?? '')
    case 'Exists':
      return true
    case 'Lt':
    case 'Gt':
      return comparison && compareNumericValues(toleration.value ?? '', taint.value ?? '', toleration.operator as 'Lt' | 'Gt')
    default:
      return false
  }
}

/** Compares a taint's value with a toleration's as int64; false when either is not a decimal integer without leading zeros. Upstream: compareNumericValues */
export function compareNumericValues(tolerationValue: string, taintValue: string, operator: 'Lt' | 'Gt'): boolean {
  const [toleration, taint] = [int64(tolerationValue), int64(taintValue)]
  if (toleration === undefined || taint === undefined) return false
  return operator === 'Lt' ? taint < toleration : taint > toleration
}

function int64(text: string): bigint | undefined {
  if (!/^(0|-?[1-9]\d*)$/.test(text)) return undefined
  const n = BigInt(text)
  return n >= -(1n << 63n) && n < 1n << 63n ? n : undefined
}

/** True when some toleration covers the taint. */
export function tolerated(taint: Taint, tolerations: readonly Toleration[] | undefined, comparison = false): boolean {
  if (tolerations === undefined) return false
  for (const t of tolerations) if (toleratesTaint(t, taint, comparison)) return true
  return false
}

/** Taints that keep new pods away (NoSchedule, NoExecute). */
export function repels(taint: Taint): boolean {
  return taint.effect === 'NoSchedule' || taint.effect === 'NoExecute'
}

/** The first repelling taint that nothing tolerates. Upstream: component-helpers/scheduling/corev1 FindMatchingUntoleratedTaint */
export function untoleratedTaint(taints: readonly Taint[] | undefined, tolerations: readonly Toleration[] | undefined, comparison = false): Taint | undefined {
  if (taints === undefined) return undefined
  for (const t of taints) if (repels(t) && !tolerated(t, tolerations, comparison)) return t
  return undefined
}
