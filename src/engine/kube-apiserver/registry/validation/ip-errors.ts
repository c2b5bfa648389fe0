import { invalid, type FieldError } from '../../../apimachinery'
import { parseCIDR, parseIP } from './ip'

/** An address. Upstream: util/validation IsValidIP. */
export function validateIP(text: string | undefined, path: string): FieldError[] {
  return parseIP(text ?? '') === undefined ? [invalid(path, text ?? '', 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')] : []
}

/** A range of addresses. Upstream: util/validation IsValidCIDR. */
export function validateCIDR(text: string, path: string): FieldError[] {
  return parseCIDR(text) === undefined ? [invalid(path, text, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')] : []
}

/** An address that others can reach. Upstream: core validation ValidateNonSpecialIP. */
export function validateNonSpecialIP(text: string, path: string): FieldError[] {
  const ip = parseIP(text)
  if (ip === undefined) return [invalid(path, text, 'must be a valid IP address')]
  const starts = (bits: bigint, length: bigint): boolean => ip.value >> ((ip.version === 4 ? 32n : 128n) - length) === bits
  const four = ip.version === 4
  if (ip.value === 0n) return [invalid(path, text, `may not be unspecified (${text})`)]
  if (four ? starts(127n, 8n) : ip.value === 1n) return [invalid(path, text, 'may not be in the loopback range (127.0.0.0/8, ::1/128)')]
  if (four ? starts(0xa9fen, 16n) : starts(0x3fan, 10n)) return [invalid(path, text, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)')]
  if (four ? starts(0xe00000n, 24n) : starts(0xff02n, 16n)) return [invalid(path, text, 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)')]
  return []
}

/** At most one address, or range, of each family. Upstream: netutils IsDualStackIPStrings. */
export function isDualStack(list: readonly string[]): boolean {
  const versions = new Set(list.map((text) => (text.includes(':') ? 6 : 4)))
  return list.length === 2 && versions.size === 2
}
