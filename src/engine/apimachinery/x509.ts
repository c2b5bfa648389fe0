import { SECOND, formatTime, parseTime } from '../sim'

/** What of a certificate request is told. Upstream: crypto/x509 CertificateRequest */
export interface CertificateRequest {
  /** Values by attribute: `2.5.4.3` is the common name. */
  readonly subject: ReadonlyMap<string, readonly string[]>
  readonly dns: readonly string[]
  readonly emails: readonly string[]
  readonly ips: readonly string[]
  readonly uris: readonly string[]
  /** DER of the subject and of the public key, for who issues the certificate. */
  readonly name: readonly number[]
  readonly key: readonly number[]
}

/** One value of DER: its tag and where its content lies. */
export interface Der {
  readonly tag: number
  readonly from: number
  readonly to: number
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Bytes of a base64 text; what is no digit of it is passed over. */
export function bytesOf(base64: string): readonly number[] {
  const out: number[] = []
  let bits = 0
  let held = 0
  for (const c of base64.replace(/[\s=]/g, '')) {
    held = ((held << 6) | DIGITS.indexOf(c)) & 0xffff
    bits += 6
    if (bits >= 8) out.push((held >> (bits -= 8)) & 255)
  }
  return out
}

/** The values that lie one after another between two places. Errors: what is cut off ends the list. */
export function values(bytes: readonly number[], from: number, to: number): readonly Der[] {
  const out: Der[] = []
  for (let i = from; i + 1 < to; ) {
    const tag = bytes[i] as number
    let length = bytes[i + 1] as number
    let start = i + 2
    if (length >= 0x80) {
      const n = length & 0x7f
      length = 0
      for (let k = 0; k < n && k < 4; k++) length = length * 256 + (bytes[start + k] ?? 0)
      start += n
    }
    if (start + length > to) return out
    out.push({ tag, from: start, to: start + length })
    i = start + length
  }
  return out
}

/** A value with its tag and length. */
const derOf = (bytes: readonly number[], { tag, from, to }: Der): readonly number[] => der(tag, bytes.slice(from, to))

/** `2.5.4.3` */
export function oid(bytes: readonly number[], { from, to }: Der): string {
  const parts: number[] = []
  let n = 0
  for (let i = from; i < to; i++) {
    const b = bytes[i] as number
    n = n * 128 + (b & 0x7f)
    if (b < 0x80) {
      if (parts.length === 0) parts.push(n < 80 ? Math.floor(n / 40) : 2, n < 80 ? n % 40 : n - 80)
      else parts.push(n)
      n = 0
    }
  }
  return parts.join('.')
}

/** A text of UTF-8, or of single bytes where it is none. */
export function textOf(bytes: readonly number[], { from, to }: Der): string {
  const some = bytes.slice(from, to)
  try {
    return decodeURIComponent(some.map((b) => `%${b.toString(16).padStart(2, '0')}`).join(''))
  } catch {
    return String.fromCharCode(...some)
  }
}

function ip(bytes: readonly number[], { from, to }: Der): string {
  const b = bytes.slice(from, to)
  if (b.length === 4) return b.join('.')
  const groups = Array.from({ length: 8 }, (_, i) => (((b[2 * i] ?? 0) << 8) | (b[2 * i + 1] ?? 0)).toString(16))
  const zeros = [...groups.join(':').matchAll(/(?:^|:)(?:0(?::|$)){2,}/g)].toSorted((x, y) => y[0].length - x[0].length)[0]
  return zeros === undefined ? groups.join(':') : groups.join(':').replace(zeros[0], '::')
}

/** The attributes of a name, by their type. */
function attributesOf(bytes: readonly number[], name: Der): ReadonlyMap<string, readonly string[]> {
  const inside = (der: Der): readonly Der[] => values(bytes, der.from, der.to)
  const out = new Map<string, string[]>()
  for (const set of inside(name)) {
    for (const pair of inside(set)) {
      const [type, value] = inside(pair)
      if (type === undefined || value === undefined) continue
      const key = oid(bytes, type)
      out.set(key, [...(out.get(key) ?? []), textOf(bytes, value)])
    }
  }
  return out
}

/** What of a certificate counts for whom it stands for. */
export interface Certificate {
  readonly name: string
  readonly groups: readonly string[]
  /** Common name of who issued it. */
  readonly issuer: string
  /** When it ends. Units: µs since 1970. */
  readonly until: number
}

/** Reads a certificate, PEM of DER, as the API server does: the common name is the user, the organizations are groups. Errors: undefined when it is none. Upstream: apiserver request/x509 CommonNameUserConversion */
export function parseCertificate(text: string): Certificate | undefined {
  const pem = /-----BEGIN CERTIFICATE-----([\s\S]*?)-----END CERTIFICATE-----/.exec(text)
  if (pem === null) return undefined
  const bytes = bytesOf(pem[1] as string)
  const inside = (der: Der | undefined): readonly Der[] => (der === undefined ? [] : values(bytes, der.from, der.to))
  const parts = inside(inside(values(bytes, 0, bytes.length)[0])[0])
  // The version, which comes first and is tagged, may be missing.
  const [issuer, validity, name] = parts.slice(parts[0]?.tag === 0xa0 ? 3 : 2)
  if (issuer === undefined || name === undefined) return undefined
  const commonName = '2.5.4.3'
  const subject = attributesOf(bytes, name)
  const [, end] = inside(validity)
  // Two digits of the year, or four.
  const time = end === undefined ? '' : `${end.tag === 0x17 ? '20' : ''}${textOf(bytes, end)}`
  const until = parseTime(time.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z')) ?? 0
  return { name: subject.get(commonName)?.at(-1) ?? '', groups: subject.get('2.5.4.10') ?? [], issuer: attributesOf(bytes, issuer).get(commonName)?.at(-1) ?? '', until }
}

/**
 * Reads a request: base64 of PEM of DER.
 * Errors: undefined when it is none. Upstream: k8s.io/kubectl/pkg/util/certificate ParseCSR
 */
export function parseCertificateRequest(request: string): CertificateRequest | undefined {
  const pem = /-----BEGIN CERTIFICATE REQUEST-----([\s\S]*?)-----END CERTIFICATE REQUEST-----/.exec(String.fromCharCode(...bytesOf(request)))
  if (pem === null) return undefined
  const bytes = bytesOf(pem[1] as string)
  const inside = (der: Der | undefined): readonly Der[] => (der === undefined ? [] : values(bytes, der.from, der.to))
  const [whole] = values(bytes, 0, bytes.length)
  const [, name, key, attributes] = inside(inside(whole)[0])
  if (name === undefined || key === undefined) return undefined
  const subject = attributesOf(bytes, name)
  const names: readonly Der[] = inside(attributes).flatMap((a) => {
    const [type, set] = inside(a)
    if (type === undefined || oid(bytes, type) !== '1.2.840.113549.1.9.14') return []
    return inside(inside(set)[0]).flatMap((extension) => {
      const parts = inside(extension)
      return parts[0] !== undefined && oid(bytes, parts[0]) === '2.5.29.17' ? inside(inside(parts.at(-1))[0]) : []
    })
  })
  const of = (tag: number, text: (bytes: readonly number[], der: Der) => string): string[] => names.filter((n) => n.tag === tag).map((n) => text(bytes, n))
  return {
    subject, name: derOf(bytes, name), key: derOf(bytes, key), emails: of(0x81, textOf), dns: of(0x82, textOf), uris: of(0x86, textOf), ips: of(0x87, ip),
  }
}

/** DER of a value. */
export function der(tag: number, content: readonly number[]): readonly number[] {
  const n = content.length
  return [tag, ...(n < 0x80 ? [n] : n < 0x100 ? [0x81, n] : [0x82, n >> 8, n & 255]), ...content]
}

const SEQUENCE = 0x30
/** DER of a sequence. */
export const sequence = (...parts: readonly (readonly number[])[]): readonly number[] => der(SEQUENCE, parts.flat())

/** DER of `2.5.4.3`. */
export function derOid(text: string): readonly number[] {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number)
  return der(6, [first * 40 + second, ...rest].flatMap((n) => {
    const out = [n & 127]
    for (let left = n >> 7; left > 0; left >>= 7) out.unshift((left & 127) | 128)
    return out
  }))
}

/** Codes of a text of single bytes. */
export const ascii = (text: string): readonly number[] => Array.from(text, (c) => c.charCodeAt(0))

/** UTCTime. Units: µs since 1970. */
export const derTime = (time: number): readonly number[] => der(0x17, ascii(formatTime(time).slice(2).replace(/[-:T]/g, '')))

/** Base64 of a text of ASCII characters. */
export const base64OfText = (text: string): string => base64Of(ascii(text))

/** Base64 of bytes. */
export function base64Of(bytes: readonly number[]): string {
  let out = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const held = ((bytes[i] as number) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    const digits = Math.min(3, bytes.length - i) + 1
    for (let k = 0; k < 4; k++) out += k < digits ? DIGITS[(held >> (18 - 6 * k)) & 63] : '='
  }
  return out
}

/** What a certificate is issued with. Times in µs since 1970. */
export interface Issue {
  readonly serial: number
  readonly from: number
  readonly to: number
  readonly usages: readonly string[]
}

const KEY_USAGE: Readonly<Record<string, number>> = { 'digital signature': 7, 'content commitment': 6, 'key encipherment': 5, 'data encipherment': 4, 'key agreement': 3, 'cert sign': 2, 'crl sign': 1 }
const EXTENDED: Readonly<Record<string, string>> = { 'server auth': '1.3.6.1.5.5.7.3.1', 'client auth': '1.3.6.1.5.5.7.3.2' }

/** A certificate of the cluster's authority for who made a request, as PEM; nobody can check its signature. Upstream: pkg/controller/certificates/authority PermissiveSigningPolicy */
export function issueCertificate(request: CertificateRequest, { serial, from, to, usages }: Issue): string {
  const algorithm = sequence(derOid('1.2.840.113549.1.1.11'), der(5, []))
  const random = (n: number, seed: number): number[] => {
    let h = (serial ^ seed) >>> 0
    return Array.from({ length: n }, (_, i) => (h = (Math.imul(h ^ (h >>> 15), 2246822519) + i * 40503 + 1) >>> 0) & 255)
  }
  const extension = (oidText: string, critical: boolean, content: readonly number[]): readonly number[] => sequence(derOid(oidText), ...(critical ? [der(1, [255])] : []), der(4, content))
  const bits = usages.reduce((sum, u) => (KEY_USAGE[u] === undefined ? sum : sum | (1 << KEY_USAGE[u])), 0)
  const extended = usages.flatMap((u) => (EXTENDED[u] === undefined ? [] : [derOid(EXTENDED[u])]))
  const unused = bits === 0 ? 0 : Math.log2(bits & -bits)
  const body = sequence(
    der(0xa0, der(2, [2])), der(2, [(random(1, 1)[0] as number) & 127 | 1, ...random(15, 2)]), algorithm, sequence(der(0x31, sequence(derOid('2.5.4.3'), der(0x13, ascii('kubernetes'))))),
    sequence(derTime(Math.floor(from / SECOND) * SECOND), derTime(Math.floor(to / SECOND) * SECOND)), request.name, request.key,
    der(0xa3, sequence(
      ...(bits === 0 ? [] : [extension('2.5.29.15', true, der(3, [unused, bits]))]), ...(extended.length === 0 ? [] : [extension('2.5.29.37', false, sequence(...extended))]),
      extension('2.5.29.19', true, sequence()), extension('2.5.29.35', false, sequence(der(0x80, random(20, 3)))),
    )),
  )
  const text = base64Of(sequence(body, algorithm, der(3, [0, ...random(256, 4)])))
  return `-----BEGIN CERTIFICATE-----\n${(text.match(/.{1,64}/g) ?? []).join('\n')}\n-----END CERTIFICATE-----\n`
}
