/** A request's aim, taken apart. */
export interface Target {
  readonly scheme: 'http' | 'https' | 'tcp' | 'udp' | 'sctp'
  readonly protocol: 'tcp' | 'udp' | 'sctp'
  readonly host: string
  readonly port: number
  readonly path: string
  /** The host is an IPv4 address. */
  readonly literal: boolean
}

const ports = { http: 80, https: 443, tcp: 80, udp: 53, sctp: 3868 } as const

/** Takes `[scheme://]host[:port][/path]` apart. Errors: a sentence for the person who wrote it. */
export function parseTarget(text: string): Target | { readonly error: string } {
  const mark = text.indexOf('://')
  const scheme = mark < 0 ? 'http' : text.slice(0, mark).toLowerCase()
  if (scheme !== 'http' && scheme !== 'https' && scheme !== 'tcp' && scheme !== 'udp' && scheme !== 'sctp') return { error: `unknown scheme "${scheme}": use http, https, tcp, udp or sctp` }
  const rest = mark < 0 ? text : text.slice(mark + 3)
  const slash = rest.indexOf('/')
  const authority = slash < 0 ? rest : rest.slice(0, slash)
  const colon = authority.lastIndexOf(':')
  const host = (colon < 0 ? authority : authority.slice(0, colon)).toLowerCase()
  const port = colon < 0 ? ports[scheme] : Number(authority.slice(colon + 1))
  if (host === '' || !/^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_.])?$/.test(host)) return { error: `"${text}" names no host` }
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return { error: `"${authority.slice(colon + 1)}" is no port` }
  return { scheme, protocol: scheme === 'udp' || scheme === 'sctp' ? scheme : 'tcp', host, port, path: slash < 0 ? '/' : rest.slice(slash), literal: isAddress(host) }
}

/** Whether a text is an IPv4 address. */
export function isAddress(text: string): boolean {
  return numberOf(text) >= 0
}

/** An IPv4 address as a number; -1 when it is none. */
export function numberOf(text: string): number {
  let value = 0
  let part = -1
  let parts = 0
  for (let i = 0; i <= text.length; i++) {
    const c = i === text.length ? 46 : text.charCodeAt(i)
    if (c === 46) {
      if (part < 0 || part > 255) return -1
      value = value * 256 + part
      part = -1
      parts++
    } else if (c >= 48 && c <= 57) part = (part < 0 ? 0 : part * 10) + c - 48
    else return -1
  }
  return parts === 4 ? value : -1
}
