import { SECOND, type Micros } from '../../sim'
import type { Outgoing, RequestAnswer } from '../program'
import { complain, say, type Command, type CommandResult, type Run } from './command'
import { sleepTime } from './sleep-time'
import { absolute } from './path'
import { isBusybox, write } from './files'
import { parseImage } from '../image'

interface Url {
  readonly host: string
  readonly port: number
  readonly path: string
  readonly secure: boolean
}

function parseUrl(text: string): Url {
  const m = /^(?:(\w+):\/\/)?(?:[^@/]*@)?(\[[^\]]*\]|[^:/?]*)(?::(\d+))?(.*)$/.exec(text)
  const secure = m?.[1] === 'https'
  const rest = m?.[4] ?? ''
  return { host: m?.[2] ?? '', port: Number(m?.[3] ?? (secure ? 443 : 80)), path: rest.startsWith('/') ? rest : `/${rest}`, secure }
}

function send(run: Run, kind: Outgoing['kind'], to: Pick<Url, 'host' | 'port' | 'path'>, method: string, agent: string, headers?: Readonly<Record<string, string>>): RequestAnswer {
  return run.io.request({ kind, host: to.host, port: to.port, path: to.path, method, agent, ...(headers ? { headers } : {}) })
}

/** Headers of a line: `-H 'Host: a'`, `-H'Host: a'`, `--header 'Host: a'`, `--header='Host: a'`. */
function headersOf(args: readonly string[]): Readonly<Record<string, string>> | undefined {
  const found = args.flatMap((a, i) => (a === '-H' || a === '--header' ? [args[i + 1] ?? ''] : a.startsWith('--header=') ? [a.slice('--header='.length)] : a.startsWith('-H') ? [a.slice(2)] : []))
  const named = found.filter((h) => h.indexOf(':') > 0).map((h) => [h.slice(0, h.indexOf(':')).trim(), h.slice(h.indexOf(':') + 1).trim()])
  return named.length === 0 ? undefined : Object.fromEntries(named)
}

/** The value of an option in its forms `-T 2`, `-T2`, `--timeout=2`. */
function option(args: readonly string[], ...names: readonly string[]): string | undefined {
  for (const n of names) {
    const at = args.indexOf(n)
    if (at >= 0) return args[at + 1]
    const joined = args.find((a) => a.startsWith(n.startsWith('--') ? `${n}=` : n) && a.length > n.length)
    if (joined !== undefined) return joined.slice(n.startsWith('--') ? n.length + 1 : n.length)
  }
  return undefined
}

const seconds = (text: string | undefined): Micros => (text === undefined ? Infinity : (sleepTime(text) ?? Infinity))

/** A result after a time. What it prints is printed at once. */
function after(run: Run, time: Micros, status: number): CommandResult {
  return time <= 0 ? status : { until: run.io.now + Math.max(1, Math.round(time)), status }
}

const valued = new Set(['-T', '--timeout', '-O', '-o', '-m', '--max-time', '--connect-timeout', '-H', '--header', '-X', '--request', '-d', '--data', '-w', '-t', '--tries', '-A', '--retry', '-u', '--cacert', '--resolve', '--post-data'])

function target(args: readonly string[]): string {
  return args.find((a, i) => !a.startsWith('-') && !valued.has(args[i - 1] ?? '')) ?? ''
}

function wget(run: Run, args: readonly string[]): CommandResult {
  const text = target(args)
  const url = parseUrl(text)
  const quiet = args.some((a) => /^-[a-zA-Z]*q/.test(a))
  const limit = seconds(option(args, '-T', '--timeout'))
  const a = send(run, 'http', url, args.includes('--spider') ? 'HEAD' : 'GET', 'Wget', headersOf(args))
  const where = `${url.host}:${url.port}`
  if (!a.ok) {
    if (a.why === 'unresolved') complain(run, `wget: bad address '${url.port === 80 ? url.host : where}'`)
    else if (a.why === 'timeout' && limit <= a.after) complain(run, 'wget: download timed out')
    else {
      if (!quiet) complain(run, `Connecting to ${where} (${a.address}:${url.port})`)
      complain(run, a.why === 'hung-up' ? 'wget: error getting response' : `wget: can't connect to remote host (${a.address}): ${a.why === 'refused' ? 'Connection refused' : 'Operation timed out'}`)
    }
    return after(run, Math.min(limit, a.after), 1)
  }
  if (!quiet) complain(run, `Connecting to ${where} (${a.address}:${url.port})`)
  if (a.status >= 400) {
    complain(run, `wget: server returned error: HTTP/1.1 ${a.status} ${a.status === 404 ? 'Not Found' : a.status === 403 ? 'Forbidden' : 'Error'}`)
    return after(run, a.after, 1)
  }
  const short = args.find((x) => /^-[a-zA-Z]*O/.test(x))
  const to = short === undefined ? option(args, '--output-document') : short.endsWith('O') ? args[args.indexOf(short) + 1] : short.slice(short.indexOf('O') + 1)
  if (args.includes('--spider')) {
    if (!quiet) complain(run, 'remote file exists')
    return after(run, a.after, 0)
  }
  const name = to ?? (url.path.slice(url.path.lastIndexOf('/') + 1) || 'index.html')
  if (!quiet) complain(run, name === '-' ? 'writing to stdout' : `saving to '${name}'`)
  if (name === '-') run.io.out(a.body)
  else if (name !== '/dev/null' && !write(run, absolute(run.env, name), a.body)) return 1
  if (!quiet) complain(run, `${name.slice(0, 20).padEnd(20)} 100% |${'*'.repeat(32)}| ${String(a.body.length).padStart(5)}  0:00:00 ETA\n${name === '-' ? 'written to stdout' : `'${name}' saved`}`)
  return after(run, a.after, 0)
}

function curl(run: Run, args: readonly string[]): CommandResult {
  const text = target(args)
  const url = parseUrl(text)
  const flags = args.filter((a) => /^-[a-zA-Z]+$/.test(a)).join('')
  const silent = (flags.includes('s') && !flags.includes('S')) || (args.includes('--silent') && !args.includes('--show-error'))
  const limit = Math.min(seconds(option(args, '--max-time', '-m')), seconds(option(args, '--connect-timeout')))
  if (text === '') {
    complain(run, "curl: try 'curl --help' or 'curl --manual' for more information")
    return 2
  }
  const method = option(args, '-X', '--request') ?? (flags.includes('I') || args.includes('--head') ? 'HEAD' : args.some((a) => a === '-d' || a === '--data') ? 'POST' : 'GET')
  const a = send(run, 'http', url, method, 'curl/8.10.1', headersOf(args))
  const format = option(args, '-w', '--write-out')
  const summary = (status: number) => format !== undefined && run.io.out(format.replaceAll('%{http_code}', String(status).padStart(3, '0')).replaceAll('\\n', '\n'))
  if (!a.ok) {
    const spent = Math.min(limit, a.after)
    if (!silent) {
      if (a.why === 'unresolved') complain(run, `curl: (6) Could not resolve host: ${url.host}`)
      else if (a.why === 'hung-up') complain(run, 'curl: (1) Received HTTP/0.9 when not allowed')
      else if (a.why === 'timeout' && limit <= a.after) complain(run, `curl: (28) Connection timed out after ${Math.round(spent / 1000)} milliseconds`)
      else complain(run, `curl: (7) Failed to connect to ${url.host} port ${url.port} after ${Math.round(spent / 1000)} ms: ${a.why === 'refused' ? 'Could not connect to server' : "Couldn't connect to server"}`)
    }
    summary(0)
    return after(run, spent, a.why === 'unresolved' ? 6 : a.why === 'hung-up' ? 1 : a.why === 'timeout' && limit <= a.after ? 28 : 7)
  }
  if (method === 'HEAD' || flags.includes('i')) run.io.out(`HTTP/1.1 ${a.status} ${a.status < 400 ? 'OK' : 'Not Found'}\r\nContent-Length: ${a.body.length}\r\n\r\n`)
  const to = option(args, '-o', '--output')
  if (flags.includes('f') && a.status >= 400) {
    if (!silent) complain(run, `curl: (22) The requested URL returned error: ${a.status}`)
    return after(run, a.after, 22)
  }
  if (method !== 'HEAD') {
    if (to === undefined) run.io.out(a.body)
    else if (to !== '/dev/null') write(run, absolute(run.env, to), a.body)
  }
  summary(a.status)
  return after(run, a.after, 0)
}

function nc(run: Run, args: readonly string[]): CommandResult {
  const plain = args.filter((a, i) => !a.startsWith('-') && args[i - 1] !== '-w' && args[i - 1] !== '-p')
  if (args.some((a) => /^-[a-z]*l/.test(a))) return { until: Infinity }
  const [host = '', port = ''] = plain.length === 1 && (plain[0] as string).includes(':') ? (plain[0] as string).split(':') : plain
  const limit = seconds(option(args, '-w'))
  const a = send(run, 'connect', { host, port: Number(port), path: '' }, '', 'nc')
  const loud = args.some((x) => /^-[a-z]*v/.test(x))
  if (!a.ok) {
    if (a.why === 'unresolved') complain(run, `nc: bad address '${host}'`)
    else if (loud) complain(run, `nc: ${host} (${a.address}:${port}): ${a.why === 'refused' ? 'Connection refused' : 'Operation timed out'}`)
    return after(run, Math.min(limit, a.after), 1)
  }
  if (loud) complain(run, `${host} (${a.address}:${port}) open`)
  return after(run, a.after, 0)
}

/** How an image's nslookup speaks: BIND's, busybox's, or busybox's before 1.29. */
function dialectOf(image: string): 'bind' | 'busybox' | 'old' {
  const { base, tag } = parseImage(image)
  if (base === 'busyboxplus' || (base === 'busybox' && /^1\.(?:1?\d|2[0-8])(?!\d)/.test(tag))) return 'old'
  return base === 'netshoot' || !isBusybox(image) ? 'bind' : 'busybox'
}

function nslookup(run: Run, args: readonly string[]): CommandResult {
  const short = args.includes('+short')
  const host = args.find((a) => !/^[-+@]/.test(a)) ?? ''
  const a = send(run, 'resolve', { host, port: 53, path: '' }, '', 'nslookup')
  const server = /nameserver (\S+)/.exec(run.io.files.get('/etc/resolv.conf') ?? '')?.[1] ?? '10.96.0.10'
  if (!a.ok && a.why === 'timeout') {
    say(run, ';; connection timed out; no servers could be reached\n')
    return after(run, a.after, 1)
  }
  const [name = host, ...found] = a.ok && a.body !== '' ? a.body.split(' ') : [host, a.address]
  if (short) {
    if (a.ok) say(run, found.join('\n'))
    return after(run, a.after, 0)
  }
  const dialect = dialectOf(run.io.spec.image)
  if (dialect === 'old') {
    say(run, `Server:    ${server}\nAddress 1: ${server}${server === '10.96.0.10' ? ' kube-dns.kube-system.svc.cluster.local' : ''}\n`)
    if (a.ok) say(run, `Name:      ${host}\n${found.map((ip, i) => `Address ${i + 1}: ${ip}${name.includes('.') ? ` ${name}` : ''}`).join('\n')}`)
    else complain(run, `nslookup: can't resolve '${host}'`)
    return after(run, a.after, a.ok ? 0 : 1)
  }
  say(run, `Server:\t\t${server}\nAddress:\t${server}${dialect === 'bind' ? '#' : ':'}53\n`)
  if (!a.ok) {
    say(run, `** server can't find ${host}: NXDOMAIN\n`)
    return after(run, a.after, 1)
  }
  say(run, `${found.map((ip) => `Name:\t${name}\nAddress: ${ip}\n`).join('')}`)
  return after(run, a.after, 0)
}

/** `ping`: a line a second, until it is ended or has sent as many as it should. */
function ping(run: Run, args: readonly string[]): CommandResult {
  const host = args.findLast((a, i) => !a.startsWith('-') && !['-c', '-W', '-i', '-w', '-s'].includes(args[i - 1] ?? '')) ?? ''
  const count = Number(option(args, '-c') ?? Infinity)
  const { frame } = run
  const a = send(run, 'resolve', { host, port: 0, path: '' }, '', 'ping')
  if (!a.ok && a.why === 'unresolved') {
    complain(run, `ping: bad address '${host}'`)
    return 1
  }
  if (frame.count === 0) say(run, `PING ${host} (${a.address}): 56 data bytes`)
  if (a.ok && frame.count < count) {
    say(run, `64 bytes from ${a.address}: seq=${frame.count} ttl=64 time=0.081 ms`)
    frame.held += '.'
  }
  if (++frame.count < count) return { again: run.io.now + SECOND }
  const got = frame.held.length
  say(run, `\n--- ${host} ping statistics ---\n${count} packets transmitted, ${got} packets received, ${Math.round((100 * (count - got)) / count)}% packet loss${got > 0 ? '\nround-trip min/avg/max = 0.081/0.081/0.081 ms' : ''}`)
  return got > 0 ? 0 : 1
}

/** Commands that speak over the network, all through `io.request`. */
export const networkCommands: Readonly<Record<string, Command>> = {
  wget, curl, nc, netcat: nc, telnet: nc, nslookup, ping, host: nslookup, dig: nslookup,
  ip: (run) => (say(run, `2: eth0@if5: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue qlen 1000\n    inet ${run.io.ip}/24 scope global eth0`), 0),
  ifconfig: (run) => (say(run, `eth0      Link encap:Ethernet\n          inet addr:${run.io.ip}  Mask:255.255.255.0`), 0),
}
