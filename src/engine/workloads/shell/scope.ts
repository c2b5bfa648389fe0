import { isGlob, matchesGlob, type Node, type Scope } from '../../shell'
import type { ProgramIO } from '../program'
import { pidOf, type ShellState, type Thread } from './state'

/** What the expansion of one thread's words asks of the shell. */
export class ThreadScope implements Scope {
  /** How a substitution that was made ended. */
  substituted = -1

  constructor(
    private readonly state: ShellState,
    private readonly thread: Thread,
    private readonly io: ProgramIO,
    private readonly run: (state: ShellState, thread: Thread, body: Node, io: ProgramIO) => { readonly output: string; readonly status: number; readonly elapsed: number },
  ) {}

  get args(): readonly string[] {
    return this.thread.env.args.slice(1)
  }

  get(name: string): string | undefined {
    const { env } = this.thread
    const code = name.charCodeAt(0)
    // Digits and the special parameters come before the letters.
    if (code < 65) {
      switch (name) {
        case '?': return String(this.thread.status)
        case '$': return String(pidOf(this.thread.id))
        case '!': return env.vars['!']
        case '#': return String(Math.max(0, env.args.length - 1))
        case '@':
        case '*': return env.args.slice(1).join(' ')
        case '-': return env.options
        default: return env.args[Number(name)]
      }
    }
    if (name === 'RANDOM') return String(this.io.draw(32_768))
    if (name === 'PWD') return env.cwd
    if (name === 'SECONDS') return String(Math.floor(this.io.now / 1_000_000))
    if (Object.hasOwn(env.vars, name)) return env.vars[name]
    if (name === 'HOME') return '/root'
    if (env.options.includes('u') && name !== 'IFS') this.refuse(`${name}: parameter not set`)
    return undefined
  }

  set(name: string, value: string): void {
    this.thread.env.vars[name] = value
  }

  capture(body: Node): string {
    const r = this.run(this.state, this.thread, body, this.io)
    this.thread.owed += r.elapsed
    this.thread.status = this.substituted = r.status
    return r.output.replace(/\n+$/, '')
  }

  captureFile(body: Node): string {
    const path = `/dev/fd/${63 - (this.state.nextThread % 50)}`
    const text = this.capture(body)
    this.io.files.set(path, text === '' ? '' : `${text}\n`)
    return path
  }

  glob(pattern: string): readonly string[] {
    const { root, cwd } = this.thread.env
    const base = pattern.startsWith('/') ? '' : cwd === '/' ? '/' : `${cwd}/`
    const parts = (base + pattern).split('/')
    const found = new Set<string>()
    for (const key of this.io.files.keys()) {
      if (root !== '' && !key.startsWith(`${root}/`)) continue
      const names = key.slice(root.length).split('/')
      if (names.length < parts.length || names[parts.length - 1] === '') continue
      if (parts.every((p, i) => (isGlob(p) ? !((names[i] as string).startsWith('.') && !p.startsWith('.')) && matchesGlob(p, names[i] as string) : p === names[i]))) found.add(names.slice(0, parts.length).join('/').slice(base.length))
    }
    return [...found].toSorted()
  }

  refuse(text: string): void {
    if (this.thread.exit !== null) return
    this.io.err(`${this.thread.env.args[0] ?? 'sh'}: ${text}\n`)
    this.thread.exit = 2
  }
}
