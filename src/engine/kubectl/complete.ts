import { commands } from './cmd'
import { globalFlags, type FlagSpec } from './flags'
import { builtin, type Mapping } from './rest-mapper'
import { programs } from './shell/programs'
import type { Command } from './verb'

/** What completion may look at: the cluster as it is, and the machine. */
export interface CompletionLookup {
  /** Names of objects of a plural resource; namespace '' means all. */
  names(resource: string, namespace: string): readonly string[]
  /** Containers of a pod. */
  containers(namespace: string, pod: string): readonly string[]
  /** Names in a directory of the machine; directories end with a slash. */
  files(directory: string): readonly string[]
  /** Kinds that CustomResourceDefinitions brought. */
  readonly customResources: readonly Pick<Mapping, 'resource' | 'kind' | 'shortNames' | 'namespaced' | 'group'>[]
  /** Namespace of the current context. */
  readonly namespace: string
  readonly aliases: Readonly<Record<string, string>>
  readonly contexts: readonly string[]
}

/** Words that could stand at the cursor; `from`: where the word that they replace begins. */
export interface Completion {
  readonly from: number
  readonly options: readonly string[]
}

/** Most words in one answer. */
const most = 500

const VALUES: Readonly<Record<string, readonly string[]>> = {
  output: ['custom-columns=', 'go-template=', 'json', 'jsonpath=', 'name', 'wide', 'yaml'],
  'dry-run': ['client', 'none', 'server'], cascade: ['background', 'foreground', 'orphan'], restart: ['Always', 'Never', 'OnFailure'], type: ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort', 'json', 'merge', 'strategic'],
  'image-pull-policy': ['Always', 'IfNotPresent', 'Never'], for: ['condition=', 'create', 'delete', 'jsonpath='], image: ['busybox', 'nginx'], protocol: ['SCTP', 'TCP', 'UDP'], v: ['4', '6', '8'], profile: ['baseline', 'general', 'legacy', 'netadmin', 'restricted', 'sysadmin'],
}
const FILES = new Set(['filename', 'kustomize', 'patch-file', 'from-file', 'from-env-file', 'cert', 'key', 'kubeconfig'])

/** Completes a line at the cursor: programs, verbs, flags, their values, kinds, live names, containers, files. Pure. */
export function complete(line: string, cursor: number, lookup: CompletionLookup): Completion {
  const before = line.slice(0, cursor)
  const start = beginOfCommand(before)
  let words = wordsOf(before.slice(start))
  const word = words.pop() as string
  const from = cursor - word.length
  const answer = (options: Iterable<string>, prefix = word, cut = 0): Completion => ({ from: from + cut, options: [...new Set(options)].filter((o) => o.startsWith(prefix) && o !== '').toSorted().slice(0, most) })
  const file = (text: string, cut = 0): Completion => {
    const slash = text.lastIndexOf('/')
    const dir = text.slice(0, slash + 1)
    return answer(lookup.files(dir === '' ? '.' : dir).filter((f) => text.slice(slash + 1).startsWith('.') || !f.startsWith('.')).map((f) => dir + f), text, cut)
  }
  if (/(?:^|[^<])[<>]{1,2}\s*\S*$/.test(before) && !/["']$/.test(before)) return file(word)
  while (/^\w+=/.test(words[0] ?? '')) words = words.slice(1)
  if (words.length === 0) return /[./~]/.test(word) ? file(word) : answer(['kubectl', ...Object.keys(programs).filter((p) => /^[a-z]/.test(p)), ...Object.keys(lookup.aliases)])
  const alias = lookup.aliases[words[0] as string]
  if (alias !== undefined) words = [...alias.trim().split(/\s+/), ...words.slice(1)]
  while (words[0] !== undefined && /^(watch|time|xargs)$/.test(words[0]) && words.length > 1) {
    words = words.slice(1)
    while (words[0]?.startsWith('-')) words = words.slice(/^-[nI]$/.test(words[0]) ? 2 : 1)
  }
  if (words.length === 0 || /^(watch|time|xargs|which|command)$/.test(words[0] ?? '')) return answer(['kubectl', ...Object.keys(programs)])
  if (words[0] !== 'kubectl' && words[0] !== 'k') return words[0] === 'curl' ? answer([]) : file(word)
  return kubectlWord(words.slice(1), word, lookup, answer, file)
}

type Answer = (options: Iterable<string>, prefix?: string, cut?: number) => Completion

function kubectlWord(words: readonly string[], word: string, lookup: CompletionLookup, answer: Answer, file: (text: string, cut?: number) => Completion): Completion {
  let list = commands
  let command: Command | undefined
  const plain: string[] = []
  const given = new Map<string, string>()
  let waits: FlagSpec | undefined
  let dash = false
  for (const w of words) {
    const specs = [...globalFlags, ...(command?.flags ?? [])]
    if (waits !== undefined) {
      given.set(waits.name, w)
      waits = undefined
    } else if (dash) plain.push(w)
    else if (w === '--') dash = true
    else if (w.startsWith('-') && w !== '-') {
      const eq = w.indexOf('=')
      const spec = w.startsWith('--') ? specs.find((f) => f.name === w.slice(2, eq < 0 ? undefined : eq)) : specs.find((f) => f.short === w[1])
      if (spec === undefined) continue
      if (eq >= 0) given.set(spec.name, w.slice(eq + 1))
      else if (!w.startsWith('--') && w.length > 2 && spec.noValue === undefined) given.set(spec.name, w.slice(2))
      else if (spec.noValue === undefined) waits = spec
      else given.set(spec.name, spec.noValue)
    } else {
      const next = list.find((c) => c.name === w || c.aliases?.includes(w))
      if (next !== undefined && plain.length === 0) {
        command = next
        list = next.commands ?? []
      } else plain.push(w)
    }
  }
  const namespace = given.has('all-namespaces') ? '' : (given.get('namespace') ?? lookup.namespace)
  const flags = [...globalFlags, ...(command?.flags ?? [])]
  const value = (spec: FlagSpec, text: string, cut: number): Completion => {
    if (spec.name === 'namespace') return answer(lookup.names('namespaces', ''), text, cut)
    if (spec.name === 'context') return answer(lookup.contexts, text, cut)
    if (spec.name === 'container') return answer(lookup.containers(namespace, (plain[0] ?? '').replace(/^pods?\//, '')), text, cut)
    if (FILES.has(spec.name)) return file(text.slice(text.indexOf('=') + 1), cut + text.indexOf('=') + 1)
    if (spec.name === 'serviceaccount') return answer(lookup.names('serviceaccounts', namespace), text, cut)
    return answer(VALUES[spec.name] ?? (spec.type === 'bool' ? ['false', 'true'] : []), text, cut)
  }
  if (waits !== undefined) return value(waits, word, 0)
  if (dash) return file(word)
  if (word.startsWith('-')) {
    const eq = word.indexOf('=')
    const named = eq > 0 ? flags.find((f) => `--${f.name}` === word.slice(0, eq) || `-${f.short}` === word.slice(0, eq)) : undefined
    if (named !== undefined) return value(named, word.slice(eq + 1), eq + 1)
    return answer([...(command?.flags ?? []), ...(word.length > 2 || command === undefined ? globalFlags : globalFlags.filter((f) => /^(namespace|help|context|v)$/.test(f.name)))].flatMap((f) => [`--${f.name}${f.noValue === undefined ? '=' : ''}`, ...(f.short !== undefined && word.length <= 1 ? [`-${f.short}`] : [])]))
  }
  if (command === undefined || (list.length > 0 && plain.length === 0)) {
    const verbs = answer(list.map((c) => c.name))
    // `kubectl create` alone takes -f.
    return verbs
  }
  return words0(command, plain, word, namespace, lookup, answer, file)
}

/** What a verb's own words may be. */
function words0(command: Command, plain: readonly string[], word: string, namespace: string, lookup: CompletionLookup, answer: Answer, file: (text: string, cut?: number) => Completion): Completion {
  const kinds = [...builtin, ...lookup.customResources]
  const find = (t: string): (typeof kinds)[number] | undefined => kinds.find((m) => m.resource === t || m.kind.toLowerCase() === t || m.shortNames.includes(t) || `${m.resource}.${m.group}` === t)
  const names = (t: string): readonly string[] => {
    const m = find(t.toLowerCase())
    return m === undefined ? [] : lookup.names(m.resource, m.namespaced ? namespace : '')
  }
  const pods = (): Completion => {
    const slash = word.indexOf('/')
    if (slash > 0) return answer(names(word.slice(0, slash)).map((n) => word.slice(0, slash + 1) + n))
    return answer([...lookup.names('pods', namespace), ...(word === '' ? [] : ['deployment/', 'daemonset/', 'job/', 'pod/', 'replicaset/', 'service/', 'statefulset/'])])
  }
  switch (command.complete ?? GUESS[command.name]) {
    case 'pod':
      return plain.length === 0 ? pods() : command.name === 'logs' && plain.length === 1 ? answer(lookup.containers(namespace, (plain[0] as string).replace(/^pods?\//, ''))) : answer([])
    case 'node':
      return answer(lookup.names('nodes', '').filter((n) => !plain.includes(n)))
    case 'context':
      return answer(lookup.contexts)
    case 'file':
      return word.includes(':') ? answer([]) : { from: file(word).from, options: [...file(word).options, ...(plain.length < 2 ? lookup.names('pods', namespace).map((p) => `${p}:`).filter((p) => p.startsWith(word)) : [])] }
    case 'none':
      return answer([])
    default: {
      const slash = word.indexOf('/')
      if (slash > 0) return answer(names(word.slice(0, slash)).map((n) => word.slice(0, slash + 1) + n))
      if (plain.some((p) => p.includes('/'))) return answer([])
      if (plain.length === 0) {
        const comma = word.lastIndexOf(',') + 1
        const known = kinds.filter((m) => find(m.resource) === m)
        return answer([...known.map((m) => m.resource), ...(word.length > comma ? known.flatMap((m) => [...m.shortNames, ...(/^(Pod|Deployment|Service|Node|Job|Ingress)$/.test(m.kind) ? [m.kind.toLowerCase()] : [])]) : []), ...(/^(get|delete|describe)$/.test(command.name) ? ['all'] : [])], word.slice(comma), comma)
      }
      if (command.complete === 'type') return answer([])
      return answer((plain[0] as string).split(',').flatMap(names).filter((n) => !plain.slice(1).includes(n)))
    }
  }
}

/** What verbs take that do not say it themselves. */
const GUESS: Readonly<Record<string, string>> = {
  cordon: 'node', uncordon: 'node', drain: 'node', apply: 'none', diff: 'none', replace: 'none', version: 'none', 'cluster-info': 'none', 'api-resources': 'none', 'api-versions': 'none', options: 'none', plugin: 'none', completion: 'none', run: 'none', kustomize: 'file', events: 'none',
  proxy: 'none', view: 'none', 'current-context': 'none', 'get-contexts': 'context', whoami: 'none', nodes: 'node', pods: 'pod', token: 'none', deployment: 'none', configmap: 'none', namespace: 'none', generic: 'none', job: 'none', cronjob: 'none', quota: 'none', role: 'none', clusterrole: 'none', rolebinding: 'none', clusterrolebinding: 'none', serviceaccount: 'none', ingress: 'none', priorityclass: 'none', clusterip: 'none', nodeport: 'none', loadbalancer: 'none', externalname: 'none', tls: 'none', 'docker-registry': 'none', poddisruptionbudget: 'none',
}

/** Where the command under the cursor begins: after the last pipe, semicolon, `&`, `(` or newline outside quotes. */
function beginOfCommand(text: string): number {
  let start = 0
  let quote = ''
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string
    if (c === '\\') i++
    else if (quote !== '') quote = c === quote ? '' : quote
    else if (c === "'" || c === '"') quote = c
    else if ('|;&(\n`'.includes(c)) start = i + 1
  }
  return start
}

/** Words before the cursor, the last one unfinished (perhaps empty). */
function wordsOf(text: string): string[] {
  const words: string[] = ['']
  let quote = ''
  for (const c of text) {
    if (quote !== '') quote = c === quote ? '' : quote
    else if (c === "'" || c === '"') quote = c
    else if (c === ' ' || c === '\t') {
      if (words.at(-1) !== '') words.push('')
      continue
    }
    words[words.length - 1] += c
  }
  return words
}
