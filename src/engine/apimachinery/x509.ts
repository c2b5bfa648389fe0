import { ascii, bytesOf, der, derOf, derOid, derTime, filler, fromPem, inside, oid, sequence, textOf, timeOf, toPem, utf8, values, type Der } from './der'

/** Attributes of a name in their order, by the short names that openssl uses. */
export type CertificateName = readonly (readonly [attribute: string, value: string])[]

/** What else a certificate is good for, in its order, by the kinds that openssl tells. */
export type AlternativeName = readonly [kind: 'email' | 'DNS' | 'URI' | 'IP Address', value: string]

interface Subject {
  readonly subject: CertificateName
  readonly names: readonly AlternativeName[]
  /** Size of the RSA key; 0: it is another. */
  readonly bits: number
}

/** A request for a certificate. Upstream: crypto/x509 CertificateRequest */
export interface CertificateRequest extends Subject {
  /** DER of the subject and of the public key, for who issues the certificate. */
  readonly name: readonly number[]
  readonly key: readonly number[]
}

/** A certificate. Times in µs since 1970. */
export interface Certificate extends Subject {
  readonly issuer: CertificateName
  /** Hexadecimal digits, capitals. */
  readonly serial: string
  readonly from: number | undefined
  readonly until: number | undefined
}

const ATTRIBUTES: Readonly<Record<string, string>> = { CN: '2.5.4.3', serialNumber: '2.5.4.5', C: '2.5.4.6', L: '2.5.4.7', ST: '2.5.4.8', street: '2.5.4.9', O: '2.5.4.10', OU: '2.5.4.11', postalCode: '2.5.4.17', emailAddress: '1.2.840.113549.1.9.1' }
const SHORT: ReadonlyMap<string, string> = new Map(Object.entries(ATTRIBUTES).map(([short, type]) => [type, short]))
const NAMES: ReadonlyMap<number, AlternativeName[0]> = new Map([[0x81, 'email'], [0x82, 'DNS'], [0x86, 'URI'], [0x87, 'IP Address']])
const ALTERNATIVES = '2.5.29.17'
const EXTENSIONS = '1.2.840.113549.1.9.14'
const RSA = sequence(derOid('1.2.840.113549.1.1.1'), der(5, []))
const SHA256_RSA = sequence(derOid('1.2.840.113549.1.1.11'), der(5, []))

/** Whether a name may have this attribute. */
export const isAttribute = (short: string): boolean => Object.hasOwn(ATTRIBUTES, short)

/** All values that a name has of an attribute. */
export const valuesOf = (name: CertificateName, short: string): string[] => name.flatMap(([attribute, value]) => (attribute === short ? [value] : []))

/** All alternative names of a kind. */
export const namesOf = ({ names }: Pick<Subject, 'names'>, wanted: AlternativeName[0]): string[] => names.flatMap(([kind, value]) => (kind === wanted ? [value] : []))

// ---- reading -----------------------------------------------------------------------------------------------------------------------------

function nameIn(all: readonly number[], name: Der | undefined): CertificateName {
  return inside(all, name).flatMap((set) => inside(all, set)).flatMap((pair) => {
    const [type, value] = inside(all, pair)
    if (type === undefined || value === undefined) return []
    const key = oid(all, type)
    return [[SHORT.get(key) ?? key, textOf(all, value)] as const]
  })
}

function ip(bytes: readonly number[], { from, to }: Der): string {
  const b = bytes.slice(from, to)
  if (b.length === 4) return b.join('.')
  const groups = Array.from({ length: 8 }, (_, i) => (((b[2 * i] ?? 0) << 8) | (b[2 * i + 1] ?? 0)).toString(16))
  const zeros = [...groups.join(':').matchAll(/(?:^|:)(?:0(?::|$)){2,}/g)].toSorted((x, y) => y[0].length - x[0].length)[0]
  return zeros === undefined ? groups.join(':') : groups.join(':').replace(zeros[0], '::')
}

function alternativesIn(all: readonly number[], extensions: readonly Der[]): AlternativeName[] {
  const found = extensions.map((e) => inside(all, e)).filter(([type]) => type !== undefined && oid(all, type) === ALTERNATIVES)
  return found.flatMap((parts) => inside(all, inside(all, parts.at(-1))[0])).flatMap((n) => {
    const kind = NAMES.get(n.tag)
    return kind === undefined ? [] : [[kind, kind === 'IP Address' ? ip(all, n) : textOf(all, n)] as const]
  })
}

/** Bits of the modulus in a public key. */
function bitsOf(all: readonly number[], key: Der | undefined): number {
  const text = inside(all, key)[1]
  const modulus = text && inside(all, values(all, text.from + 1, text.to)[0])[0]
  return modulus === undefined ? 0 : 8 * (modulus.to - modulus.from - (all[modulus.from] === 0 ? 1 : 0))
}

/** Reads a certificate, PEM. Errors: undefined when it is none. */
export function readCertificate(text: string): Certificate | undefined {
  const all = fromPem(/CERTIFICATE/, text)
  if (all === undefined) return undefined
  const parts = inside(all, inside(all, values(all)[0])[0])
  // The version, which comes first and is tagged, may be missing.
  const [serial, , issuer, validity, subject, key, ...rest] = parts[0]?.tag === 0xa0 ? parts.slice(1) : parts
  if (serial === undefined || subject === undefined) return undefined
  const [from, until] = inside(all, validity)
  return {
    subject: nameIn(all, subject), issuer: nameIn(all, issuer), serial: all.slice(serial.from, serial.to).map((b) => b.toString(16).padStart(2, '0')).join('').toUpperCase(),
    from: timeOf(all, from), until: timeOf(all, until), bits: bitsOf(all, key), names: alternativesIn(all, inside(all, inside(all, rest.find((r) => r.tag === 0xa3))[0])),
  }
}

/** Reads a request, PEM. Errors: undefined when it is none. */
export function readRequest(text: string): CertificateRequest | undefined {
  const all = fromPem(/CERTIFICATE REQUEST/, text)
  if (all === undefined) return undefined
  const [, name, key, attributes] = inside(all, inside(all, values(all)[0])[0])
  if (name === undefined || key === undefined) return undefined
  const extensions = inside(all, attributes).flatMap((a) => {
    const [type, set] = inside(all, a)
    return type !== undefined && oid(all, type) === EXTENSIONS ? inside(all, inside(all, set)[0]) : []
  })
  return { subject: nameIn(all, name), name: derOf(all, name), key: derOf(all, key), bits: bitsOf(all, key), names: alternativesIn(all, extensions) }
}

/** Reads a request as a CertificateSigningRequest has it: base64 of PEM. Errors: undefined when it is none. Upstream: k8s.io/kubectl/pkg/util/certificate ParseCSR */
export const parseCertificateRequest = (request: string): CertificateRequest | undefined => readRequest(String.fromCharCode(...bytesOf(request)))

/** What of a certificate counts for whom it stands for. */
export interface CertificateUser {
  readonly name: string
  readonly groups: readonly string[]
  /** Common name of who issued it. */
  readonly issuer: string
  /** When it ends. Units: µs since 1970. */
  readonly until: number
}

/** Reads a certificate, PEM, as the API server does: the common name is the user, the organizations are groups. Errors: undefined when it is none. Upstream: apiserver request/x509 CommonNameUserConversion */
export function parseCertificate(text: string): CertificateUser | undefined {
  const read = readCertificate(text)
  return read && { name: valuesOf(read.subject, 'CN').at(-1) ?? '', groups: valuesOf(read.subject, 'O'), issuer: valuesOf(read.issuer, 'CN').at(-1) ?? '', until: read.until ?? 0 }
}

// ---- writing -----------------------------------------------------------------------------------------------------------------------------

const extension = (type: string, critical: boolean, content: readonly number[]): readonly number[] => sequence(derOid(type), ...(critical ? [der(1, [255])] : []), der(4, content))

/** DER of a name. Countries are printable strings. */
function derName(name: CertificateName): readonly number[] {
  return sequence(...name.map(([short, value]) => der(0x31, sequence(derOid(ATTRIBUTES[short] as string), der(short === 'C' ? 0x13 : 0x0c, utf8(value))))))
}

function derAlternatives(names: readonly string[]): readonly number[] {
  const one = (name: string): readonly number[] => (/^\d+(\.\d+){3}$/.test(name) ? der(0x87, name.split('.').map(Number)) : der(0x82, ascii(name)))
  return extension(ALTERNATIVES, false, sequence(...names.map(one)))
}

interface Parts {
  readonly serial: readonly number[]
  readonly issuer: readonly number[]
  readonly from: number
  readonly to: number
  readonly name: readonly number[]
  readonly key: readonly number[]
  readonly extensions: readonly (readonly number[])[]
  /** Nobody can check the signature, which is made of this. */
  readonly seed: number
}

function certificate({ serial, issuer, from, to, name, key, extensions, seed }: Parts): string {
  const body = sequence(der(0xa0, der(2, [2])), der(2, serial), SHA256_RSA, issuer, sequence(derTime(from), derTime(to)), name, key, der(0xa3, sequence(...extensions)))
  return toPem('CERTIFICATE', sequence(body, SHA256_RSA, der(3, [0, ...filler(256, seed)])))
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
const AUTHORITY = sequence(der(0x31, sequence(derOid('2.5.4.3'), der(0x13, ascii('kubernetes')))))

/** A certificate of the cluster's authority for who made a request, as PEM. Upstream: pkg/controller/certificates/authority PermissiveSigningPolicy */
export function issueCertificate({ name, key }: CertificateRequest, { serial, from, to, usages }: Issue): string {
  const bits = usages.reduce((sum, u) => (KEY_USAGE[u] === undefined ? sum : sum | (1 << KEY_USAGE[u])), 0)
  const extended = usages.flatMap((u) => (EXTENDED[u] === undefined ? [] : [derOid(EXTENDED[u])]))
  const unused = bits === 0 ? 0 : Math.log2(bits & -bits)
  return certificate({
    serial: [((filler(1, serial ^ 1)[0] ?? 0) & 127) | 1, ...filler(15, serial ^ 2)], issuer: AUTHORITY, from, to, name, key, seed: serial ^ 4,
    extensions: [
      ...(bits === 0 ? [] : [extension('2.5.29.15', true, der(3, [unused, bits]))]), ...(extended.length === 0 ? [] : [extension('2.5.29.37', false, sequence(...extended))]),
      extension('2.5.29.19', true, sequence()), extension('2.5.29.35', false, sequence(der(0x80, filler(20, serial ^ 3)))),
    ],
  })
}

/** A certificate that is signed with its own key, PEM. `names`: DNS names and IPv4 addresses; times in µs since 1970. */
export function makeSelfSigned(subject: CertificateName, key: readonly number[], names: readonly string[], from: number, to: number, seed: number): string {
  const name = derName(subject)
  const extensions = [...(names.length === 0 ? [] : [derAlternatives(names)]), extension('2.5.29.19', true, sequence(der(1, [255])))]
  return certificate({ serial: [((filler(1, seed)[0] ?? 0) & 63) | 64, ...filler(19, seed + 1)], issuer: name, from, to, name, key, extensions, seed: seed + 2 })
}

/** A request for a certificate, PEM. `names`: DNS names and IPv4 addresses. */
export function makeRequest(subject: CertificateName, key: readonly number[], names: readonly string[], seed: number): string {
  const attributes = names.length === 0 ? [] : sequence(derOid(EXTENSIONS), der(0x31, sequence(derAlternatives(names))))
  return toPem('CERTIFICATE REQUEST', sequence(sequence(der(2, [0]), derName(subject), key, der(0xa0, attributes)), SHA256_RSA, der(3, [0, ...filler(256, seed)])))
}

// ---- keys --------------------------------------------------------------------------------------------------------------------------------

/** A number of so many bytes, whose first bit is set. */
function integer(count: number, seed: number): readonly number[] {
  const [first = 0, ...rest] = filler(count, seed)
  return der(2, [0, first | 128, ...rest.slice(0, -1), (rest.at(-1) ?? 0) | 1])
}

/** A private key as PEM of PKCS #8: of an RSA key's shape and size, but made up, so nothing is ever encrypted with it. */
export function makeKey(bits: number, seed: number): string {
  const n = Math.ceil(bits / 8)
  const half = Math.ceil(n / 2)
  const key = sequence(der(2, [0]), integer(n, seed), der(2, [1, 0, 1]), integer(n, seed + 1), ...[2, 3, 4, 5, 6].map((i) => integer(half, seed + i)))
  return toPem('PRIVATE KEY', sequence(der(2, [0]), RSA, der(4, key)))
}

/** The public half of a private key, DER; undefined: it is none. */
export function publicKeyOf(text: string): readonly number[] | undefined {
  const all = fromPem(/(?:RSA )?PRIVATE KEY/, text)
  if (all === undefined) return undefined
  let parts = inside(all, values(all)[0])
  // PKCS #8 has the key in an octet string, PKCS #1 has its numbers at once.
  if (parts[2]?.tag === 4) parts = inside(all, inside(all, parts[2])[0])
  const [, modulus, exponent] = parts
  if (modulus === undefined || exponent === undefined) return undefined
  return sequence(RSA, der(3, [0, ...sequence(derOf(all, modulus), derOf(all, exponent))]))
}
