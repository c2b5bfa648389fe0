import type { Message } from '../../sim'

/** A kubeconfig: contexts by name. The one cluster's server and certificates are always the same. */
export interface Kubeconfig {
  readonly current: string
  readonly contexts: Readonly<Record<string, { readonly cluster: string; readonly user: string; readonly namespace?: string | undefined }>>
  readonly clusters: Readonly<Record<string, { readonly server: string; readonly insecure?: boolean | undefined; readonly fields?: ConfigFields | undefined }>>
  readonly users: Readonly<Record<string, { readonly token?: string | undefined; readonly fields?: ConfigFields | undefined }>>
}

/** Fields of an entry that a person made, by their names in the file. kubeadm's own entries have none: they carry its certificates. */
export type ConfigFields = Readonly<Record<string, unknown>>

/** All that the "You" machine remembers between lines. Plain values that are replaced, never changed. */
export interface MachineState {
  /** Absolute path → text. A directory ends with a slash and has none. */
  readonly files: Readonly<Record<string, string>>
  readonly aliases: Readonly<Record<string, string>>
  readonly vars: Readonly<Record<string, string>>
  readonly cwd: string
  readonly history: readonly string[]
  /** By path; '' is ~/.kube/config. */
  readonly kubeconfigs: Readonly<Record<string, Kubeconfig>>
  /** Exit code of the line before: `$?`. */
  readonly last: number
}

/** Where a person is at home. */
export const home = '/home/you'

/** Bounds of the virtual file system and of what a shell remembers. Sizes in characters. */
export const machineLimits = { files: 500, fileSize: 3 * 1024 * 1024, allFiles: 16 * 1024 * 1024, history: 500, names: 500 } as const

/** The kubeconfig that kubeadm wrote. */
export function newKubeconfig(namespace = ''): Kubeconfig {
  return {
    current: 'kubernetes-admin@kubernetes',
    contexts: { 'kubernetes-admin@kubernetes': { cluster: 'kubernetes', user: 'kubernetes-admin', ...(namespace === '' || namespace === 'default' ? {} : { namespace }) } },
    clusters: { kubernetes: { server: 'https://10.0.0.10:6443' } },
    users: { 'kubernetes-admin': {} },
  }
}

/** A machine as it is when it is first used. `files`: path below home → text. */
export function newMachine(files: Readonly<Record<string, string>> = {}, namespace = ''): MachineState {
  const all: Record<string, string> = {}
  for (const [path, text] of Object.entries(files)) all[resolvePath(home, path)] = text
  return { files: all, aliases: {}, vars: { HOME: home, USER: 'you', PWD: home, PATH: '/usr/local/bin:/usr/bin:/bin', SHELL: '/bin/sh', EDITOR: 'vi' }, cwd: home, history: [], kubeconfigs: { '': newKubeconfig(namespace) }, last: 0 }
}

/** What a line changed: null takes a file away. */
export interface MachineChange extends Message {
  readonly type: 'shell/change'
  readonly files: Readonly<Record<string, string | null>>
  readonly aliases?: MachineState['aliases'] | undefined
  readonly vars?: MachineState['vars'] | undefined
  readonly cwd?: string | undefined
  readonly kubeconfigs?: MachineState['kubeconfigs'] | undefined
  readonly last?: number | undefined
}

/** The absolute path of what was typed. */
export function resolvePath(cwd: string, path: string): string {
  const full = path === '~' || path.startsWith('~/') ? home + path.slice(1) : path.startsWith('/') ? path : `${cwd}/${path}`
  const parts: string[] = []
  for (const part of full.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..') parts.pop()
    else parts.push(part)
  }
  return `/${parts.join('/')}`
}

/** Directories that are always there. */
const ROOTS = new Set(['/', '/home', home, '/tmp', '/dev', '/etc', '/root'])

/** The machine as one line sees and changes it. Made anew for each run of the line, from the same state. */
export class Machine {
  private files: Readonly<Record<string, string>>
  aliases: MachineState['aliases']
  vars: MachineState['vars']
  cwd: string
  readonly history: readonly string[]
  kubeconfigs: MachineState['kubeconfigs']
  /** Exit code of the command before. */
  last: number

  constructor(private readonly was: MachineState) {
    this.files = was.files
    this.aliases = was.aliases
    this.vars = was.vars
    this.cwd = was.cwd
    this.history = was.history
    this.kubeconfigs = was.kubeconfigs
    this.last = was.last
  }

  path(path: string): string {
    return resolvePath(this.cwd, path)
  }

  /** Text of a file; undefined when there is none. */
  read(path: string): string | undefined {
    const full = this.path(path)
    return full === '/dev/null' ? '' : Object.hasOwn(this.files, full) ? this.files[full] : undefined
  }

  isDir(path: string): boolean {
    const full = this.path(path)
    if (ROOTS.has(full) || Object.hasOwn(this.files, `${full}/`)) return true
    return Object.keys(this.files).some((f) => f.startsWith(`${full}/`))
  }

  /** Writes a file. Answers why it cannot be, or undefined. */
  write(path: string, text: string): string | undefined {
    const full = this.path(path)
    if (full === '/dev/null') return undefined
    if (path.endsWith('/') || this.isDir(full)) return 'Is a directory'
    if (!this.isDir(full.slice(0, full.lastIndexOf('/')) || '/')) return 'No such file or directory'
    return this.put(full, text)
  }

  private put(full: string, text: string): string | undefined {
    let all = text.length
    let count = 1
    for (const [k, v] of Object.entries(this.files)) if (k !== full) {
      all += v.length
      count++
    }
    if (text.length > machineLimits.fileSize || all > machineLimits.allFiles || count > machineLimits.files) return 'No space left on device'
    this.files = { ...this.files, [full]: text }
    return undefined
  }

  /** Makes a directory. Answers why it cannot be. */
  makeDir(path: string, parents: boolean): string | undefined {
    const full = this.path(path)
    if (this.read(full) !== undefined) return 'File exists'
    if (this.isDir(full)) return parents ? undefined : 'File exists'
    if (!parents && !this.isDir(full.slice(0, full.lastIndexOf('/')) || '/')) return 'No such file or directory'
    return this.put(`${full}/`, '')
  }

  /** Takes away a file, or a directory with all in it. */
  remove(path: string): void {
    const full = this.path(path)
    this.files = Object.fromEntries(Object.entries(this.files).filter(([k]) => k !== full && !k.startsWith(`${full}/`)))
  }

  /** Names in a directory, sorted; directories end with a slash. */
  list(path: string): readonly string[] {
    const full = this.path(path)
    const base = full === '/' ? '/' : `${full}/`
    const names = new Set<string>()
    for (const f of [...Object.keys(this.files), ...[...ROOTS].map((r) => `${r}/`)]) {
      if (!f.startsWith(base) || f === base) continue
      const rest = f.slice(base.length)
      const slash = rest.indexOf('/')
      if (rest !== '' && rest !== '/') names.add(slash < 0 ? rest : rest.slice(0, slash + 1))
    }
    return [...names].toSorted()
  }

  /** All files below a directory, sorted. */
  below(path: string): readonly string[] {
    const full = this.path(path)
    const base = full === '/' ? '/' : `${full}/`
    return Object.keys(this.files).filter((f) => f.startsWith(base) && !f.endsWith('/')).toSorted()
  }

  /** Makes a change that was told before. */
  apply(change: MachineChange): void {
    const files: Record<string, string> = { ...this.files }
    for (const [path, text] of Object.entries(change.files)) {
      if (text === null) delete files[path]
      else files[path] = text
    }
    this.files = files
    this.aliases = change.aliases ?? this.aliases
    this.vars = change.vars ?? this.vars
    this.cwd = change.cwd ?? this.cwd
    this.kubeconfigs = change.kubeconfigs ?? this.kubeconfigs
  }

  /** What is different now; undefined when nothing is. */
  change(): MachineChange | undefined {
    const { was } = this
    const files: Record<string, string | null> = {}
    if (this.files !== was.files) {
      for (const [k, v] of Object.entries(this.files)) if (was.files[k] !== v) files[k] = v
      for (const k of Object.keys(was.files)) if (!Object.hasOwn(this.files, k)) files[k] = null
    }
    const change: MachineChange = {
      type: 'shell/change', files, ...(this.aliases === was.aliases ? {} : { aliases: this.aliases }), ...(this.vars === was.vars ? {} : { vars: this.vars }),
      ...(this.cwd === was.cwd ? {} : { cwd: this.cwd }), ...(this.kubeconfigs === was.kubeconfigs ? {} : { kubeconfigs: this.kubeconfigs }),
    }
    return Object.keys(change).length > 2 || Object.keys(files).length > 0 ? change : undefined
  }
}

/** The state after a change, within the bounds. */
export function changed(state: MachineState, change: MachineChange): MachineState {
  const files: Record<string, string> = { ...state.files }
  for (const [path, text] of Object.entries(change.files)) {
    if (text === null) delete files[path]
    else if (Object.hasOwn(files, path) || Object.keys(files).length < machineLimits.files) files[path] = text
  }
  return { ...state, files, aliases: change.aliases ?? state.aliases, vars: change.vars ?? state.vars, cwd: change.cwd ?? state.cwd, kubeconfigs: change.kubeconfigs ?? state.kubeconfigs, last: change.last ?? state.last }
}
