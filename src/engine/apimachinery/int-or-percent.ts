/** A count or a share such as `"25%"`. Upstream: util/intstr IntOrString. */
export type IntOrString = number | string

/** An integer, or a percentage of `total` rounded as asked. Returns the error text on failure. Upstream: intstr.GetScaledValueFromIntOrPercent. */
export function scaledIntOrPercent(value: IntOrString, total: number, roundUp: boolean): number | { error: string } {
  if (typeof value === 'number') return value
  if (!value.endsWith('%')) return { error: 'invalid value for IntOrString: invalid type: string is not a percentage' }
  const digits = value.slice(0, -1)
  if (!/^[+-]?\d+$/.test(digits)) {
    return { error: `invalid value for IntOrString: invalid value ${JSON.stringify(value)}: strconv.Atoi: parsing ${JSON.stringify(digits)}: invalid syntax` }
  }
  const scaled = (Number(digits) * total) / 100
  return (roundUp ? Math.ceil(scaled) : Math.floor(scaled)) + 0
}

/** As scaledIntOrPercent for values that were validated; malformed or absent counts as `otherwise`. */
export function scaledOr(value: IntOrString | undefined, total: number, roundUp: boolean, otherwise = 0): number {
  if (value === undefined) return otherwise
  const scaled = scaledIntOrPercent(value, total, roundUp)
  return typeof scaled === 'number' ? scaled : otherwise
}
