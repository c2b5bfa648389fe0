import { isAttribute, makeKey, makeRequest, makeSelfSigned, publicKeyOf, readCertificate, readRequest, type Certificate, type CertificateName, type CertificateRequest } from '../../apimachinery'
import { dateText } from '../../shell'
import { formatTime } from '../../sim'
import type { Call, Program } from './run'

const DAY = 86_400_000_000
/** What openssl tells of a certificate or of a request, which has no issuer, serial and times. */
type Told = Pick<CertificateRequest, 'subject' | 'names' | 'bits'> & Partial<Certificate>

/** `Nov 20 17:34:14 2026 GMT`. Units: µs since 1970. */
const gmt = (time = 0): string => dateText(time, formatTime(time), '%b %e %T %Y GMT')

const nameText = (name: CertificateName | undefined): string => (name ?? []).map(([k, v]) => `${k} = ${v}`).join(', ')

/** A failure's text; openssl adds lines about its own insides, which say nothing here. */
class Refused {
  constructor(readonly text: string) {}
}

/** Options that take a word; the rest are flags. */
const WORDS = new Set(['-in', '-out', '-key', '-keyout', '-subj', '-days', '-newkey', '-addext', '-algorithm', '-pkeyopt', '-config', '-extensions', '-reqexts', '-passout', '-passin', '-CA', '-CAkey', '-extfile', '-inform', '-outform', '-checkend'])

class Options {
  readonly flags = new Set<string>()
  readonly words = new Map<string, string[]>()
  readonly rest: string[] = []

  constructor(args: readonly string[]) {
    for (let i = 0; i < args.length; i++) {
      const a = args[i] as string
      if (WORDS.has(a)) this.words.set(a, [...(this.words.get(a) ?? []), args[++i] ?? ''])
      else if (a.startsWith('-')) this.flags.add(a)
      else this.rest.push(a)
    }
  }

  word(name: string): string | undefined {
    return this.words.get(name)?.at(-1)
  }
}

/** `/CN=jane/O=dev`. Errors: openssl's. */
function subjectOf(text: string): CertificateName {
  if (!text.startsWith('/')) throw new Refused(`req: subject name is expected to be in the format /type0=value0/type1=value1/type2=... where characters may be escaped by \\. This name is not in that format: '${text}'`)
  const out: (readonly [string, string])[] = []
  for (const part of text.slice(1).split(/(?<!\\)\//)) {
    if (part === '') continue
    const at = part.indexOf('=')
    if (at < 0) throw new Refused(`req: Missing '=' after RDN type string '${part}' in subject name string`)
    const type = part.slice(0, at)
    if (isAttribute(type)) out.push([type, part.slice(at + 1).replaceAll('\\', '')])
    else throw new Refused(`req: Unknown attribute name '${type}' in subject name string`)
  }
  return out
}

function alternativesOf(o: Options): readonly string[] {
  const text = (o.words.get('-addext') ?? []).map((e) => /^subjectAltName\s*=\s*(.*)$/.exec(e)?.[1]).find((e) => e !== undefined)
  return text === undefined ? [] : text.split(',').map((n) => n.trim().replace(/^(?:DNS|IP):/, ''))
}

function input(call: Call, o: Options, what: string): string {
  const path = o.word('-in')
  if (path === undefined) return call.stdin
  const text = call.io.machine.read(path)
  if (text === undefined) throw new Refused(`Could not open file or uri for loading ${what} from ${path}\nUnable to load ${what}`)
  return text
}

function output(call: Call, path: string | undefined, text: string): void {
  if (path === undefined) return call.io.out(text)
  const why = call.io.machine.write(path, text)
  if (why !== undefined) throw new Refused(`Can't open "${path}" for writing, ${why}`)
}

function newKey({ io }: Call, size: string | undefined): string {
  const bits = size === undefined ? 2048 : Number(size)
  if (!Number.isInteger(bits) || bits < 512 || bits > 16384) throw new Refused(`genrsa: Can't parse "${size ?? ''}" as a number`)
  return makeKey(bits, io.draw(0x7fffffff))
}

function toldText(told: Told, isRequest: boolean): string {
  const serial = (told.serial ?? '').toLowerCase().match(/../g)?.join(':') ?? ''
  const head = isRequest ? 'Certificate Request:\n    Data:\n        Version: 1 (0x0)\n'
    : `Certificate:\n    Data:\n        Version: 3 (0x2)\n        Serial Number:\n            ${serial}\n        Signature Algorithm: sha256WithRSAEncryption\n        Issuer: ${nameText(told.issuer)}\n        Validity\n            Not Before: ${gmt(told.from)}\n            Not After : ${gmt(told.until)}\n`
  const names = told.names.length === 0 ? '' : `        ${isRequest ? 'Requested Extensions' : 'X509v3 extensions'}:\n            X509v3 Subject Alternative Name: \n                ${told.names.map((name) => name.join(':')).join(', ')}\n`
  return `${head}        Subject: ${nameText(told.subject)}\n        Subject Public Key Info:\n            Public Key Algorithm: rsaEncryption\n                Public-Key: (${told.bits} bit)\n${names}    Signature Algorithm: sha256WithRSAEncryption\n`
}

/** `x509` and `req` tell what is asked of them. */
function tell(call: Call, o: Options, told: Told, text: string, isRequest: boolean): void {
  const { io } = call
  // In the order in which it was asked for.
  for (const flag of o.flags) {
    if (flag === '-text') io.out(toldText(told, isRequest))
    else if (flag === '-serial') io.out(`serial=${told.serial ?? ''}\n`)
    else if (flag === '-subject') io.out(`subject=${nameText(told.subject)}\n`)
    else if (flag === '-issuer') io.out(`issuer=${nameText(told.issuer)}\n`)
    if (flag === '-dates' || flag === '-startdate') io.out(`notBefore=${gmt(told.from)}\n`)
    if (flag === '-dates' || flag === '-enddate') io.out(`notAfter=${gmt(told.until)}\n`)
  }
  if (!o.flags.has('-noout')) output(call, o.word('-out'), text)
}

function req(call: Call, o: Options): number {
  const { io } = call
  const newkey = o.word('-newkey')
  if (!o.flags.has('-new') && !o.flags.has('-x509') && newkey === undefined) {
    const text = input(call, o, 'PKCS10 request')
    const told = readRequest(text)
    if (told === undefined) throw new Refused('Unable to load X509 request')
    tell(call, o, told, text, true)
    return 0
  }
  const subject = o.word('-subj')
  if (subject === undefined) throw new Refused('req: nobody is asked for a name here: say -subj "/CN=NAME/O=GROUP"')
  const name = subjectOf(subject)
  let key: string
  const path = o.word('-key')
  if (path !== undefined) {
    const text = io.machine.read(path)
    if (text === undefined) throw new Refused(`Could not open file or uri for loading private key from ${path}\nUnable to load private key`)
    key = text
  } else {
    key = newKey(call, /^rsa:(\d+)$/.exec(newkey ?? '')?.[1])
    output(call, o.word('-keyout') ?? 'privkey.pem', key)
  }
  const half = publicKeyOf(key)
  if (half === undefined) throw new Refused(`Could not read private key from ${path ?? ''}\nUnable to load private key`)
  const names = alternativesOf(o)
  const days = Number(o.word('-days') ?? 30)
  if (!Number.isFinite(days)) throw new Refused(`req: Can't parse "${o.word('-days') ?? ''}" as a number`)
  const now = io.now()
  const seed = io.draw(0x7fffffff)
  output(call, o.word('-out'), o.flags.has('-x509') ? makeSelfSigned(name, half, names, now, now + days * DAY, seed) : makeRequest(name, half, names, seed))
  return 0
}

function x509(call: Call, o: Options): number {
  const text = input(call, o, 'certificate')
  if (o.flags.has('-req')) throw new Refused('x509: -req: this machine has no authority to sign with. Ask the cluster: kind CertificateSigningRequest.')
  const told = readCertificate(text)
  if (told === undefined) throw new Refused(`Could not read certificate from ${o.word('-in') ?? '<stdin>'}\nUnable to load certificate`)
  tell(call, o, told, text, false)
  const within = o.word('-checkend')
  if (within === undefined) return 0
  const ends = (told.until ?? 0) < call.io.now() + Number(within) * 1_000_000
  call.io.out(ends ? 'Certificate will expire\n' : 'Certificate will not expire\n')
  return ends ? 1 : 0
}

const COMMANDS: Readonly<Record<string, (call: Call, o: Options) => number>> = {
  genrsa: (call, o) => (output(call, o.word('-out'), newKey(call, o.rest[0])), 0),
  genpkey: (call, o) => (output(call, o.word('-out'), newKey(call, /rsa_keygen_bits:(\d+)/.exec(o.word('-pkeyopt') ?? '')?.[1])), 0),
  req,
  x509,
  version: ({ io }) => (io.out('OpenSSL 3.0.19 27 Jan 2026 (Library: OpenSSL 3.0.19 27 Jan 2026)\n'), 0),
}

/** Keys and certificates of the right shape for what courses do with them; nothing is encrypted or checked. */
export const openssl: Program = {
  run(call) {
    const [command = '', ...args] = call.args
    const run = Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined
    if (run === undefined) {
      call.io.err(`Invalid command '${command}'; type "help" for a list.\n`)
      return 1
    }
    try {
      return run(call, new Options(args))
    } catch (thrown) {
      if (!(thrown instanceof Refused)) throw thrown
      call.io.err(`${thrown.text}\n`)
      return 1
    }
  },
}
