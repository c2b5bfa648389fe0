import { converse, type Turn } from '../converse'
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

/** `ssh [user@]node [command]`: a shell on a node, as who repairs it gets one. */
export const ssh: Program = {
  run({ args, io }) {
    const words = [...args]
    const skipOptions = () => {
      while (words[0]?.startsWith('-')) if (/^-[iopl]$/.test(words.shift() as string)) words.shift()
    }
    skipOptions()
    const host = words.shift()?.replace(/^.*@/, '')
    skipOptions()
    const kept = io.memory('')
    if (host === undefined) {
      io.err('usage: ssh [-i identity_file] [-l login_name] [-p port] destination [command [argument ...]]\n')
      return 255
    }
    // As kubeadm's machines know each other: by the names of the nodes.
    const ask = (session: string, text: string | undefined): Turn => {
      const command = words.length > 0 ? ['bash', '-c', words.join(' ')] : ['bash']
      const answer = io.ask(`containerd@${host}`, { type: 'ssh/session', session, command, ...(text === undefined ? {} : { text }) })
      if (answer === null && session !== '') return { out: '', err: `client_loop: send disconnect: Broken pipe\n`, session: undefined, prompt: null, code: 255 }
      if (answer === null) {
        const known = io.request({ verb: 'get', path: `/api/v1/nodes/${encodeURIComponent(host)}` })
        return { out: '', err: known.code === 404 ? `ssh: Could not resolve hostname ${host}: Name or service not known\n` : `ssh: connect to host ${host} port 22: No route to host\n`, session: undefined, prompt: null, code: 255 }
      }
      const said = answer['result'] as Answer
      return { out: said.stdout ?? '', err: said.error === undefined ? (said.stderr ?? '') : `${said.error}\n`, session: said.code === undefined ? said.id : undefined, prompt: said.ok === true ? (said.output ?? '') : null, code: said.code ?? 0 }
    }
    const code = converse(io, ask, (session) => io.again(session), kept)
    if (words.length === 0 && code !== 255) io.out(`logout\nConnection to ${host} closed.\n`)
    return code
  },
}
