import { humanDuration } from '../../apimachinery'
import { decodeBase64 } from '../../shell'
import { at, listAt, mapAt, textAt } from '../api'
import { fail } from '../errors'
import type { Describer } from './describer'
import { mapText, rfc1123z } from './writer'

/** What of a certificate request is told. Upstream: crypto/x509 CertificateRequest */
export interface Request {
  /** Values by attribute: `2.5.4.3` is the common name. */
  readonly subject: ReadonlyMap<string, readonly string[]>
  readonly dns: readonly string[]
  readonly emails: readonly string[]
  readonly ips: readonly string[]
  readonly uris: readonly string[]
}

/** One value of DER: its tag and where its content lies. */
interface Der {
  readonly tag: number
  readonly from: number
  readonly to: number
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

function bytesOf(base64: string): readonly number[] {
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
function values(bytes: readonly number[], from: number, to: number): readonly Der[] {
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

/** `2.5.4.3` */
function oid(bytes: readonly number[], { from, to }: Der): string {
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
function textOf(bytes: readonly number[], { from, to }: Der): string {
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

/** Whom a certificate, PEM of DER, names, as the API server reads it: the common name and the organizations. Errors: undefined when it is none. Upstream: apiserver request/x509 CommonNameUserConversion */
export function certificateSubject(text: string): { readonly name: string; readonly groups: readonly string[] } | undefined {
  const pem = /-----BEGIN CERTIFICATE-----([\s\S]*?)-----END CERTIFICATE-----/.exec(text)
  if (pem === null) return undefined
  const bytes = bytesOf(pem[1] as string)
  const inside = (der: Der | undefined): readonly Der[] => (der === undefined ? [] : values(bytes, der.from, der.to))
  const parts = inside(inside(values(bytes, 0, bytes.length)[0])[0])
  // The version, which comes first and is tagged, may be missing.
  const name = parts[parts[0]?.tag === 0xa0 ? 5 : 4]
  if (name === undefined) return undefined
  const subject = attributesOf(bytes, name)
  return { name: subject.get('2.5.4.3')?.at(-1) ?? '', groups: subject.get('2.5.4.10') ?? [] }
}

/**
 * Reads a request: base64 of PEM of DER.
 * Errors: undefined when it is none. Upstream: k8s.io/kubectl/pkg/util/certificate ParseCSR
 */
export function parseRequest(request: string): Request | undefined {
  const pem = /-----BEGIN CERTIFICATE REQUEST-----([\s\S]*?)-----END CERTIFICATE REQUEST-----/.exec(decodeBase64(request) ?? '')
  if (pem === null) return undefined
  const bytes = bytesOf(pem[1] as string)
  const inside = (der: Der | undefined): readonly Der[] => (der === undefined ? [] : values(bytes, der.from, der.to))
  const [whole] = values(bytes, 0, bytes.length)
  const [, name, , attributes] = inside(inside(whole)[0])
  if (name === undefined) return undefined
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
  return { subject, emails: of(0x81, textOf), dns: of(0x82, textOf), uris: of(0x86, textOf), ips: of(0x87, ip) }
}

const SUBJECT = [['Organization', '2.5.4.10'], ['Organizational Unit', '2.5.4.11'], ['Country', '2.5.4.6'], ['Locality', '2.5.4.7'], ['Province', '2.5.4.8'], ['StreetAddress', '2.5.4.9'], ['PostalCode', '2.5.4.17']] as const

/** Upstream: describe.go describeCertificateSigningRequest */
export const certificateSigningRequest: Describer = (d) => {
  const { w, object } = d
  const { spec, status } = object
  const request = parseRequest(textAt(spec, 'request'))
  if (request === undefined) throw fail('Error parsing CSR: PEM block type must be CERTIFICATE REQUEST')
  w.field('Name', object.metadata.name)
  w.field('Labels', mapText(mapAt(object, 'metadata', 'labels')))
  w.field('Annotations', mapText(mapAt(object, 'metadata', 'annotations')))
  w.field('CreationTimestamp', rfc1123z(object.metadata.creationTimestamp ?? ''))
  w.field('Requesting User', textAt(spec, 'username'))
  if (textAt(spec, 'signerName') !== '') w.field('Signer', textAt(spec, 'signerName'))
  if (at(spec, 'expirationSeconds') !== undefined) w.field('Requested Duration', humanDuration(Number(textAt(spec, 'expirationSeconds'))))
  const has = (type: string): boolean => listAt(status, 'conditions').some((c) => c['type'] === type)
  w.field('Status', `${has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending'}${has('Failed') ? ',Failed' : ''}${textAt(status, 'certificate') === '' ? '' : ',Issued'}`)
  const list = (title: string, some: readonly string[]): void => {
    if (some.length > 0) w.line(0, `\t${title}:\t${some.join('\n\t\t')}`)
  }
  const { subject, dns, emails, uris, ips } = request
  w.line(0, 'Subject:')
  w.line(0, `\tCommon Name:\t${subject.get('2.5.4.3')?.at(-1) ?? ''}`)
  w.line(0, `\tSerial Number:\t${subject.get('2.5.4.5')?.at(-1) ?? ''}`)
  for (const [title, key] of SUBJECT) list(title, subject.get(key) ?? [])
  if (dns.length + emails.length + ips.length + uris.length > 0) w.line(0, 'Subject Alternative Names:')
  list('DNS Names', dns)
  list('Email Addresses', emails)
  list('URIs', uris)
  list('IP Addresses', ips)
  w.events(d.events())
}
