import { converse, endKey, poll, type Turn } from '../converse'
import type { Io } from '../io'
import type { Program } from './run'

/** What a machine answers. */
interface Answer {
  readonly error?: string
  readonly id?: string
  readonly stdout?: string
  readonly stderr?: string
  readonly code?: number
  readonly ok?: boolean
  readonly output?: string
}

/** One turn of a command on a machine, begun with session ''. As kubeadm's machines know each other: by the names of the nodes. */
const on = (io: Io, host: string, command: readonly string[]) => (session: string, text: string | undefined): Turn => {
  const answer = io.ask(`containerd@${host}`, { type: 'ssh/session', session, command, ...(text === undefined ? {} : { text }) })
  if (answer === null && session !== '') return { out: '', err: `client_loop: send disconnect: Broken pipe\n`, session: undefined, prompt: null, code: 255 }
  if (answer === null) {
    const known = io.request({ verb: 'get', path: `/api/v1/nodes/${encodeURIComponent(host)}` })
    return { out: '', err: known.code === 404 ? `ssh: Could not resolve hostname ${host}: Name or service not known\n` : `ssh: connect to host ${host} port 22: No route to host\n`, session: undefined, prompt: null, code: 255 }
  }
  const said = answer['result'] as Answer
  return { out: said.stdout ?? '', err: said.error === undefined ? (said.stderr ?? '') : `${said.error}\n`, session: said.code === undefined ? said.id : undefined, prompt: said.ok === true ? (said.output ?? '') : null, code: said.code ?? 0 }
}

/** Runs a command to its end over what comes in, without a terminal. */
function piped(io: Io, turn: (session: string, text: string | undefined) => Turn, input: string, out: (text: string) => void): number {
  const texts = [...(input === '' ? [] : [input]), endKey]
  let said = turn('', undefined)
  for (;;) {
    out(said.out)
    io.err(said.err)
    if (said.session === undefined) return said.code
    if (said.prompt === null) io.sleep(poll)
    said = turn(said.session, said.prompt === null ? undefined : (texts.shift() ?? endKey))
  }
}

/** Takes options off the front: those of ssh and scp that have a value are followed by it. */
function skipOptions(words: string[]): void {
  while (words[0]?.startsWith('-')) if (/^-[FiopPl]$/.test(words.shift() as string)) words.shift()
}

/** `ssh [user@]node [command]`: a shell on a node, as who repairs it gets one. */
export const ssh: Program = {
  run({ args, io }) {
    const words = [...args]
    skipOptions(words)
    const host = words.shift()?.replace(/^.*@/, '')
    skipOptions(words)
    if (host === undefined) {
      io.err('usage: ssh [-i identity_file] [-l login_name] [-p port] destination [command [argument ...]]\n')
      return 255
    }
    const turn = on(io, host, words.length > 0 ? ['bash', '-c', words.join(' ')] : ['bash'])
    if (io.stdin !== undefined) return piped(io, turn, io.stdin, (text) => io.out(text))
    const kept = io.memory('')
    const code = converse(io, turn, (session) => io.again(session), kept)
    if (words.length === 0 && code !== 255) io.out(`logout\nConnection to ${host} closed.\n`)
    return code
  },
}

/** `scp FILE node:PATH`, `scp node:PATH FILE`: one file, to a machine or from it. */
export const scp: Program = {
  run({ args, io }) {
    const words = [...args]
    skipOptions(words)
    const [from = '', to = ''] = words
    const [, host = '', path = ''] = /^(?:[^@:/]*@)?([^:/]+):(.*)$/.exec(words.find((w) => /^[^/]+:/.test(w)) ?? '') ?? []
    if (words.length !== 2 || host === '') {
      io.err('usage: scp [-i identity_file] [-P port] source ... target\n')
      return 1
    }
    const name = from.slice(Math.max(from.lastIndexOf('/'), from.lastIndexOf(':')) + 1)
    const quoted = `'${path || '.'}'`
    if (to.includes(':')) {
      const text = io.machine.read(from)
      if (text === undefined) {
        io.err(`scp: stat local "${from}": No such file or directory\n`)
        return 255
      }
      return piped(io, on(io, host, ['bash', '-c', `f=${quoted}; [ -d "$f" ] && f="$f/${name}"; cat > "$f"`]), text, () => undefined)
    }
    let text = ''
    const code = piped(io, on(io, host, ['bash', '-c', `cat ${quoted}`]), '', (more) => (text += more))
    return code === 0 && io.machine.write(io.machine.isDir(to) ? `${to}/${name}` : to, text) === undefined ? 0 : code || 1
  },
}
