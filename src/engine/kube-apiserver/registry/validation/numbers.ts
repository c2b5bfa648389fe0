import { invalid, portNameErrors, portNumberErrors, type FieldError, type IntOrString } from '../../../apimachinery'

/** A count may be zero. Upstream: apimachinery ValidateNonnegativeField. */
export function nonNegative(value: number | undefined | null, path: string): FieldError[] {
  return value != null && value < 0 ? [invalid(path, value, 'must be greater than or equal to 0')] : []
}

/** A port by number or by name. Upstream: ValidatePortNumOrName. */
export function portNumberOrName(port: IntOrString | undefined, path: string): FieldError[] {
  const value = port ?? 0
  return (typeof value === 'number' ? portNumberErrors(value) : portNameErrors(value)).map((m) => invalid(path, value, m))
}

/** A share such as `25%`: digits and a percent sign. */
export function isPercent(text: string): boolean {
  return /^[0-9]+%$/.test(text)
}

/** A count at or above zero, or a percentage. Upstream: apps validation ValidatePositiveIntOrPercent. */
export function nonNegativeOrPercent(value: IntOrString | undefined, path: string): FieldError[] {
  if (value === undefined) return []
  if (typeof value === 'number') return nonNegative(value, path)
  return isPercent(value) ? [] : [invalid(path, value, "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')")]
}

/** The number of a percentage, or undefined for a count. */
export function percentOf(value: IntOrString | undefined): number | undefined {
  return typeof value === 'string' && isPercent(value) ? Number(value.slice(0, -1)) : undefined
}

/** A percentage of at most 100. Upstream: IsNotMoreThan100Percent. */
export function notOver100Percent(value: IntOrString | undefined, path: string): FieldError[] {
  const percent = percentOf(value)
  return percent !== undefined && percent > 100 ? [invalid(path, value, 'must not be greater than 100%')] : []
}
