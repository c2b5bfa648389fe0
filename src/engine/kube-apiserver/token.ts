import type { KubeObject } from '../apimachinery'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

const digits = Array.from(alphabet, (c) => c.charCodeAt(0))
const digit = (n: number): number => digits[n & 63] as number

/** Codes of the text at hand: a list of this length that grows anew for each token is much of what a cluster allocates. */
const codes: number[] = []

/** Base64 for URLs of a text of ASCII characters. */
function base64url(text: string): string {
  let n = 0
  for (let i = 0; i < text.length; i += 3) {
    const bits = (text.charCodeAt(i) << 16) | (text.charCodeAt(i + 1) << 8) | text.charCodeAt(i + 2)
    codes[n++] = digit(bits >> 18)
    codes[n++] = digit(bits >> 12)
    codes[n++] = digit(bits >> 6)
    codes[n++] = digit(bits)
  }
  // What is behind the text's end was read as zeros.
  codes.length = Math.ceil((text.length * 4) / 3)
  return String.fromCharCode(...codes)
}

const header = base64url('{"alg":"RS256","kid":"kubeloop"}')

function fromBase64url(text: string): string {
  let out = ''
  for (let i = 0; i < text.length; i += 4) {
    let bits = 0
    for (let k = 0; k < 4; k++) bits = (bits << 6) | Math.max(0, alphabet.indexOf(text[i + k] ?? 'A'))
    for (let k = 0; k < Math.min(3, text.length - i - 1); k++) out += String.fromCharCode((bits >> (16 - 8 * k)) & 255)
  }
  return out
}

/** What a token is bound to besides its account. */
export interface Binding {
  readonly node?: { readonly name: string; readonly uid?: string | undefined } | undefined
  readonly pod?: { readonly name: string; readonly uid?: string | undefined } | undefined
  readonly secret?: { readonly name: string; readonly uid?: string | undefined } | undefined
}

/** Life of the tokens that kubelets ask for by default: they are good for a year, and their use is warned of after this. Upstream: serviceaccount.WarnOnlyBoundTokenExpirationPeriod, ExpirationExtensionSeconds */
const warnOnly = 3607
const extension = 365 * 24 * 3600

/** Issuer of the server's tokens, and their audience when nothing else is asked for. Upstream: --service-account-issuer, as kubeadm sets it */
export const apiAudience = 'https://kubernetes.default.svc.cluster.local'

/** A token as a service account's look: a JWT with upstream's claims and a signature that this server alone knows. Upstream: pkg/serviceaccount/{claims,jwt}.go */
export function tokenFor({ metadata }: KubeObject, audiences: readonly string[], seconds: number, now: number, draw: number, bound: Binding = {}): string {
  const at = Math.floor(now / 1_000_000)
  const extended = seconds === warnOnly && bound.pod !== undefined
  const claims = {
    aud: audiences, exp: at + (extended ? extension : seconds), iat: at, iss: apiAudience, jti: draw.toString(16),
    'kubernetes.io': { namespace: metadata.namespace, ...bound, serviceaccount: { name: metadata.name, uid: metadata.uid }, ...(extended ? { warnafter: at + seconds } : {}) }, nbf: at, sub: `system:serviceaccount:${metadata.namespace}:${metadata.name}`,
  }
  const body = `${header}.${base64url(JSON.stringify(claims))}`
  return `${body}.${signatureOf(body, draw)}`
}

function signatureOf(body: string, draw: number): string {
  const signature = new Array<number>(64)
  for (let i = 0, h = draw; i < 64; i++) {
    h = (Math.imul(h ^ body.charCodeAt((i * 7) % body.length), 16777619) + i) >>> 0
    signature[i] = digit(h)
  }
  return String.fromCharCode(...signature)
}

/** What a token says. */
export interface Claims {
  readonly aud: readonly string[]
  readonly exp: number
  readonly jti: string
  readonly sub: string
  readonly 'kubernetes.io': Binding & { readonly namespace: string; readonly serviceaccount: { readonly name: string; readonly uid: string } }
}

/** What a token of this cluster says; undefined when it is none. */
export function claimsOf(token: string): Claims | undefined {
  const [head, body = '', signature, more] = token.split('.')
  if (head !== header || more !== undefined) return undefined
  try {
    const claims = JSON.parse(fromBase64url(body)) as Claims
    return signature === signatureOf(`${head}.${body}`, Number.parseInt(claims.jti, 16)) ? claims : undefined
  } catch {
    return undefined
  }
}
