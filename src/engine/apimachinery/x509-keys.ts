import { SECOND, parseTime } from '../sim'
import { ascii, base64Of, bytesOf, der, derOid, derTime, oid, sequence, textOf, values, type Der } from './x509'

/** Attributes of a name in their order, by the short names that openssl uses. */
export type Name = readonly (readonly [attribute: string, value: string])[]

const ATTRIBUTES: Readonly<Record<string, string>> = { CN: '2.5.4.3', C: '2.5.4.6', L: '2.5.4.7', ST: '2.5.4.8', O: '2.5.4.10', OU: '2.5.4.11', emailAddress: '1.2.840.113549.1.9.1' }
const RSA = sequence(derOid('1.2.840.113549.1.1.1'), der(5, []))
const SHA256_RSA = sequence(derOid('1.2.840.113549.1.1.11'), der(5, []))

/** Whether a name may have this attribute. */
export const isAttribute = (short: string): boolean => Object.hasOwn(ATTRIBUTES, short)

/** Bytes that look random. They are drawn from one number, so that a run can be had again. */
function bytes(count: number, seed: number): number[] {
  let h = seed >>> 0
  return Array.from({ length: count }, (_, i) => (h = (Math.imul(h ^ (h >>> 15), 2246822519) + i * 40503 + 1) >>> 0) >>> 24)
}

/** A number of so many bytes, whose first bit is set. */
const integer = (count: number, seed: number): readonly number[] => {
  const [first = 0, ...rest] = bytes(count, seed)
  return der(2, [0, first | 128, ...rest.slice(0, -1), (rest.at(-1) ?? 0) | 1])
}

function pem(label: string, content: readonly number[]): string {
  return `-----BEGIN ${label}-----\n${(base64Of(content).match(/.{1,64}/g) ?? []).join('\n')}\n-----END ${label}-----\n`
}

function fromPem(label: RegExp, text: string): readonly number[] | undefined {
  const found = new RegExp(`-----BEGIN (${label.source})-----([\\s\\S]*?)-----END \\1-----`).exec(text)
  return found === null ? undefined : bytesOf(found.at(-1) as string)
}

const within = (all: readonly number[], value: Der | undefined): readonly Der[] => (value === undefined ? [] : values(all, value.from, value.to))

/** A private key as PEM of PKCS #8: of an RSA key's shape and size, but made up, so nothing is ever encrypted with it. */
export function makeKey(bits: number, seed: number): string {
  const n = Math.ceil(bits / 8)
  const half = Math.ceil(n / 2)
  const key = sequence(der(2, [0]), integer(n, seed), der(2, [1, 0, 1]), integer(n, seed + 1), ...[2, 3, 4, 5, 6].map((i) => integer(half, seed + i)))
  return pem('PRIVATE KEY', sequence(der(2, [0]), RSA, der(4, key)))
}

/** The public half of a private key, DER; undefined: it is none. */
export function publicKeyOf(text: string): readonly number[] | undefined {
  const all = fromPem(/(?:RSA )?PRIVATE KEY/, text)
  if (all === undefined) return undefined
  let parts = within(all, values(all, 0, all.length)[0])
  // PKCS #8 has the key in an octet string, PKCS #1 has its numbers at once.
  if (parts[2]?.tag === 4) parts = within(all, values(all, parts[2].from, parts[2].to)[0])
  const [, modulus, exponent] = parts
  if (modulus === undefined || exponent === undefined) return undefined
  const numbers = sequence(der(2, all.slice(modulus.from, modulus.to)), der(2, all.slice(exponent.from, exponent.to)))
  return sequence(RSA, der(3, [0, ...numbers]))
}

const utf8 = (text: string): readonly number[] => ascii(encodeURIComponent(text).replace(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))))

/** DER of a name. Countries are printable strings. */
function nameOf(name: Name): readonly number[] {
  return sequence(...name.map(([short, value]) => der(0x31, sequence(derOid(ATTRIBUTES[short] as string), der(short === 'C' ? 0x13 : 0x0c, utf8(value))))))
}

/** DNS names and addresses as an extension. */
function alternatives(names: readonly string[]): readonly number[] {
  const one = (name: string): readonly number[] => (/^\d+(\.\d+){3}$/.test(name) ? der(0x87, name.split('.').map(Number)) : der(0x82, ascii(name)))
  return sequence(derOid('2.5.29.17'), der(4, sequence(...names.map(one))))
}

/** A request for a certificate, PEM. `names`: DNS names and IPv4 addresses. Nobody can check its signature. */
export function makeRequest(name: Name, key: readonly number[], names: readonly string[], seed: number): string {
  const attributes = names.length === 0 ? [] : sequence(derOid('1.2.840.113549.1.9.14'), der(0x31, sequence(alternatives(names))))
  return pem('CERTIFICATE REQUEST', sequence(sequence(der(2, [0]), nameOf(name), key, der(0xa0, attributes)), SHA256_RSA, der(3, [0, ...bytes(256, seed)])))
}

/** A certificate that is signed with its own key, PEM. Times in µs since 1970. */
export function makeSelfSigned(name: Name, key: readonly number[], names: readonly string[], from: number, to: number, seed: number): string {
  const whole = (time: number): readonly number[] => derTime(Math.floor(time / SECOND) * SECOND)
  const extensions = [...(names.length === 0 ? [] : [alternatives(names)]), sequence(derOid('2.5.29.19'), der(1, [255]), der(4, sequence(der(1, [255]))))]
  const body = sequence(der(0xa0, der(2, [2])), der(2, [((bytes(1, seed)[0] ?? 0) & 63) | 64, ...bytes(19, seed + 1)]), SHA256_RSA, nameOf(name), sequence(whole(from), whole(to)), nameOf(name), key, der(0xa3, sequence(...extensions)))
  return pem('CERTIFICATE', sequence(body, SHA256_RSA, der(3, [0, ...bytes(256, seed + 2)])))
}

/** What openssl tells of a certificate or of a request; a request has no issuer, serial and times. */
export interface Told {
  readonly subject: Name
  readonly issuer?: Name | undefined
  /** Hexadecimal digits, capitals. */
  readonly serial?: string | undefined
  /** Units: µs since 1970. */
  readonly from?: number | undefined
  readonly until?: number | undefined
  readonly bits: number
  /** As openssl prints them: `DNS:a`, `IP Address:10.0.0.1`. */
  readonly names: readonly string[]
}

function pairsOf(all: readonly number[], name: Der | undefined): Name {
  const short = (type: string): string => Object.entries(ATTRIBUTES).find(([, known]) => known === type)?.[0] ?? type
  return within(all, name).flatMap((set) => within(all, set).map((pair) => {
    const [type, value] = within(all, pair)
    return [type === undefined ? '' : short(oid(all, type)), value === undefined ? '' : textOf(all, value)] as const
  }))
}

/** Alternative names among extensions. */
function namesIn(all: readonly number[], extensions: readonly Der[]): readonly string[] {
  return extensions.flatMap((e) => {
    const parts = within(all, e)
    if (parts[0] === undefined || oid(all, parts[0]) !== '2.5.29.17') return []
    return within(all, within(all, parts.at(-1))[0]).map((n) => (n.tag === 0x87 ? `IP Address:${all.slice(n.from, n.to).join('.')}` : `${n.tag === 0x81 ? 'email' : n.tag === 0x86 ? 'URI' : 'DNS'}:${textOf(all, n)}`))
  })
}

/** Bits of the modulus in a public key. */
function bitsOf(all: readonly number[], key: Der | undefined): number {
  const text = within(all, key)[1]
  const numbers = text === undefined ? [] : values(all, text.from + 1, text.to)
  const modulus = within(all, numbers[0])[0]
  return modulus === undefined ? 0 : 8 * (modulus.to - modulus.from - (all[modulus.from] === 0 ? 1 : 0))
}

function timeIn(all: readonly number[], time: Der | undefined): number | undefined {
  if (time === undefined) return undefined
  const text = `${time.tag === 0x17 ? '20' : ''}${textOf(all, time)}`
  return parseTime(text.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
}

/** Reads a certificate, PEM. Errors: undefined when it is none. */
export function readCertificate(text: string): Told | undefined {
  const all = fromPem(/CERTIFICATE/, text)
  if (all === undefined) return undefined
  const parts = within(all, within(all, values(all, 0, all.length)[0])[0])
  const [serial, , issuer, validity, subject, key, ...rest] = parts[0]?.tag === 0xa0 ? parts.slice(1) : parts
  if (serial === undefined || subject === undefined) return undefined
  const [from, until] = within(all, validity)
  const hex = all.slice(serial.from, serial.to).map((b) => b.toString(16).padStart(2, '0')).join('').toUpperCase()
  return { subject: pairsOf(all, subject), issuer: pairsOf(all, issuer), serial: hex, from: timeIn(all, from), until: timeIn(all, until), bits: bitsOf(all, key), names: namesIn(all, within(all, within(all, rest.find((r) => r.tag === 0xa3))[0])) }
}

/** Reads a request, PEM. Errors: undefined when it is none. */
export function readRequest(text: string): Told | undefined {
  const all = fromPem(/CERTIFICATE REQUEST/, text)
  if (all === undefined) return undefined
  const [, subject, key, attributes] = within(all, within(all, values(all, 0, all.length)[0])[0])
  if (subject === undefined) return undefined
  const extensions = within(all, attributes).flatMap((a) => within(all, within(all, within(all, a)[1])[0]))
  return { subject: pairsOf(all, subject), bits: bitsOf(all, key), names: namesIn(all, extensions) }
}
