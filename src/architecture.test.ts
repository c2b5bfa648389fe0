import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

/**
 * The house rules that a compiler does not know: who may import whom, through doors only, without cycles; the engine
 * without a platform; no default exports; no file too long. Lint rules say the same where they can; this test reads
 * the sources itself, so that a lint setting cannot silently switch the rules off.
 * Tests (`*.test.ts`) and what only tests use (`*.testing.ts`) may import anything from anywhere.
 */

// ---- the rules, as data ----

const base = ['engine/sim', 'engine/network', 'engine/apimachinery', 'engine/api']
const client = [...base, 'engine/client-go']
const components = [
  'engine/kube-controller-manager',
  'engine/kube-scheduler',
  'engine/cloud-controller-manager',
  'engine/kubelet',
  'engine/cri',
  'engine/cni',
  'engine/kube-proxy',
  'engine/coredns',
  'engine/local-path-provisioner',
  'engine/metrics-server',
  'engine/ingress-controller',
]

/** Room → the rooms that it may import. Components meet at the kube-apiserver, never in the code. */
const layers: Record<string, readonly string[]> = {
  'engine/sim': [],
  'engine/network': ['engine/sim'],
  'engine/apimachinery': ['engine/sim', 'engine/network'],
  'engine/api': ['engine/sim', 'engine/network', 'engine/apimachinery'],
  'engine/etcd': base,
  'engine/client-go': base,
  'engine/kube-apiserver': [...client, 'engine/etcd'],
  'engine/kube-controller-manager': client,
  'engine/kube-scheduler': client,
  'engine/cloud-controller-manager': client,
  'engine/kube-proxy': client,
  'engine/coredns': client,
  'engine/local-path-provisioner': client,
  'engine/metrics-server': client,
  'engine/ingress-controller': client,
  'engine/shell': [], // the language and the text programs; who runs them brings files and processes
  'engine/workloads': [...client, 'engine/shell'],
  'engine/cni': client,
  'engine/cri': [...base, 'engine/cni', 'engine/workloads'],
  'engine/kubelet': [...client, 'engine/cri'],
  'engine/kubectl': [...client, 'engine/shell'],
  'engine/api-docs': [],
  'engine/traffic': [...client, ...components, 'engine/workloads'],
  'engine/checkers': [...client, ...components, 'engine/workloads', 'engine/etcd', 'engine/kube-apiserver', 'engine/traffic'],
  'engine/cluster': [
    ...client, ...components, 'engine/workloads', 'engine/etcd', 'engine/kube-apiserver', 'engine/kubectl', 'engine/traffic', 'engine/checkers',
  ],
  scenarios: ['engine/cluster'],
  lessons: ['scenarios', 'engine/cluster'],
  // kubectl is installed into a cluster by whoever types: a page shows the cluster before it has loaded kubectl.
  bridge: ['lessons', 'scenarios', 'engine/cluster', 'engine/kubectl', 'engine/api-docs'],
  hosts: ['bridge', 'lessons', 'scenarios', 'engine/cluster', 'engine/kubectl', 'engine/api-docs'],
  'ui/kit': [],
  'ui/state': ['bridge', 'ui/kit'],
  'ui/charts': ['ui/state', 'ui/kit'], // apart from kit, because uPlot is loaded when a chart is shown
  'ui/features': ['bridge', 'ui/state', 'ui/kit', 'ui/charts'], // of each feature: they never import each other
  'ui/dev': ['bridge'], // frames written by hand, for developing the page without an engine
  'ui/shell': ['bridge', 'ui/state', 'ui/kit', 'ui/features', 'ui/dev'],
  embed: ['ui/shell', 'bridge', 'scenarios', 'engine/cluster'],
  main: ['ui/shell'],
}

/** Packages that a part of the tree may use; a part without an entry may use any that is not Node's. */
const packages: Record<string, readonly string[]> = { engine: ['yaml', '@marcbachmann/cel-js'], scenarios: ['yaml'], lessons: ['yaml'], bridge: ['valibot', 'virtual:first-picture'] }

/** What the page's main thread must not contain. The worker is no import of it: `new Worker(new URL(…))`. */
const workerOnly = ['engine', 'scenarios', 'lessons', 'hosts']

/** Law 1. Names that a local variable may have too (window, document, process) are left to lint and tsconfig.engine.json. */
const bannedInEngine = new RegExp(
  String.raw`(?<![\w$.])(?:${[
    'Date\\b(?!\\s*:)', 'Math\\.random', 'Promise\\b', 'async\\s', 'await\\s', 'queueMicrotask\\b', 'set(?:Timeout|Interval|Immediate)\\b',
    'requestAnimationFrame\\b', 'globalThis\\b', 'performance\\.', 'console\\.', 'crypto\\.', 'fetch\\(', 'new\\s+Worker\\b',
    'process\\.(?:env|argv|nextTick|hrtime|exit|cwd|stdout|stderr)\\b',
  ].join('|')})`,
)

const maxLines = 700
const longLines = 400

// ---- reading sources ----

type Sources = Record<string, string> // path below src/ → text
interface Import {
  readonly specifier: string
  readonly typeOnly: boolean
}

const isTest = (path: string) => /(?:\.test(?:ing)?|\/testing)\.tsx?$/.test(path)
const isGenerated = (path: string) => path.includes('.generated.')

/** Blanks comments, and the text of strings and templates unless they are kept; code inside `${}` stays code. */
function stripped(source: string, keepStrings: boolean): string {
  const token =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|\$\{(?:[^{}]|\{[^{}]*\})*\}|[^`\\])*`|(?<=[=(,:[!&|?{};>\n]\s*|return\s+)\/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/g
  return source.replace(token, (found) => {
    if (found.startsWith('//') || found.startsWith('/*')) return ' '
    if (keepStrings) return found
    if (found.startsWith('`')) return [...found.matchAll(/\$\{((?:[^{}]|\{[^{}]*\})*)\}/g)].map((m) => ` ${stripped(m[1] ?? '', false)} `).join(';')
    return "''"
  })
}

function importsOf(source: string): Import[] {
  const code = stripped(source, true)
  const statements = [...code.matchAll(/^[ \t]*(?:import|export)\s+(type\s)?(?:[^'"`;()]*?\sfrom\s*)?['"]([^'"\n]+)['"]/gm)]
  const calls = [...code.matchAll(/\bimport\(\s*['"]([^'"\n]+)['"]/g)]
  return [
    ...statements.map((m) => ({ specifier: m[2] ?? '', typeOnly: m[1] !== undefined })),
    ...calls.map((m) => ({ specifier: m[1] ?? '', typeOnly: false })),
  ]
}

/** The source file that a relative import means; undefined for a stylesheet, a text, or nothing. */
function resolveImport(sources: Sources, from: string, specifier: string): string | undefined {
  const path = join(dirname(from), specifier.replace(/\?.*$/, ''))
  return [path, `${path}.ts`, `${path}.tsx`, `${path}/index.ts`, `${path}/index.tsx`, path.replace(/\.js$/, '.ts')].find((p) => p in sources)
}

/** `engine/kubelet`, `ui/features/timeline`, `bridge`, `main`; undefined for a file that lies in no room. */
function roomOf(path: string): string | undefined {
  const parts = path.split('/')
  const depth = parts[0] === 'engine' ? 2 : parts[0] === 'ui' ? (parts[1] === 'features' ? 3 : 2) : 1
  if (parts.length > depth) return parts.slice(0, depth).join('/')
  return parts.length === 1 && /^main\.tsx?$/.test(path) ? 'main' : undefined
}

const layerOf = (room: string) => (room.startsWith('ui/features/') ? 'ui/features' : room)
/** The protocol of the worker is types only: a second door, so that the page's features need not know the client. */
const isDoor = (path: string, room: string) => path === `${room}/index.ts` || path === `${room}/index.tsx` || path === 'bridge/protocol.ts'

// ---- the checks: each returns the offences as sentences ----

function importOffences(sources: Sources): string[] {
  const offences: string[] = []
  for (const [path, source] of Object.entries(sources)) {
    if (isTest(path) || path.endsWith('.d.ts')) continue
    const room = roomOf(path)
    if (!room) offences.push(`${path} lies in no room`)
    else if (!(layerOf(room) in layers)) offences.push(`${path}: the room ${room} is not in the table of layers`)
    else for (const { specifier } of importsOf(source)) offences.push(...importOffence(sources, path, room, specifier))
  }
  return offences
}

function importOffence(sources: Sources, path: string, room: string, specifier: string): string[] {
  if (!specifier.startsWith('.')) {
    const allowed = packages[room.split('/')[0] ?? '']
    const fits = allowed ? allowed.includes(specifier) : room === 'hosts' || !specifier.startsWith('node:')
    return fits ? [] : [`${path} imports the package ${specifier}`]
  }
  const target = resolveImport(sources, path, specifier)
  const other = target && roomOf(target)
  if (target && isTest(target)) return [`${path} imports ${target}, which is for tests`]
  if (!target || other === room) return []
  if (!other) return [`${path} imports ${target}, which lies in no room`]
  const sibling = layerOf(room) === 'ui/features' && layerOf(other) === 'ui/features'
  if (sibling || !layers[layerOf(room)]?.includes(layerOf(other))) return [`${path} imports ${other}, which ${room} may not`]
  return isDoor(target, other) ? [] : [`${path} imports ${target}, not through the door of ${other}`]
}

/** Everything that main.tsx loads on the main thread, by value imports, and that belongs into the worker. */
function mainThreadOffences(sources: Sources): string[] {
  const queue = Object.keys(sources).filter((path) => roomOf(path) === 'main')
  const seen = new Set(queue)
  const offences: string[] = []
  for (const path of queue) {
    for (const { specifier, typeOnly } of importsOf(sources[path] ?? '')) {
      const target = typeOnly || !specifier.startsWith('.') ? undefined : resolveImport(sources, path, specifier)
      if (!target || seen.has(target)) continue
      seen.add(target)
      if (workerOnly.includes(target.split('/')[0] ?? '')) offences.push(`${path} loads ${target} on the main thread (import type?)`)
      else queue.push(target)
    }
  }
  return offences
}

function cycleOf(table: Record<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>()
  const visit = (room: string, trail: string[]): string[] | undefined => {
    if (trail.includes(room)) return [...trail.slice(trail.indexOf(room)), room]
    if (done.has(room)) return undefined
    for (const next of table[room] ?? []) {
      const found = visit(next, [...trail, room])
      if (found) return found
    }
    done.add(room)
    return undefined
  }
  return Object.keys(table).map((room) => visit(room, [])).find((found) => found)
}

function platformOffences(sources: Sources): string[] {
  return Object.entries(sources)
    .filter(([path]) => /^(engine|scenarios)\//.test(path) && !isTest(path) && !isGenerated(path))
    .flatMap(([path, source]) =>
      stripped(source, false).split('\n').flatMap((line) => {
        const found = bannedInEngine.exec(line)
        return found ? [`${path} uses ${found[0].trim()}: ${line.trim()}`] : []
      }),
    )
}

function defaultExports(sources: Sources): string[] {
  return Object.entries(sources).filter(([, source]) => /^[ \t]*export\s+default\b|\bas\s+default\b/m.test(stripped(source, false))).map(([path]) => path)
}

function lineCounts(sources: Sources): [path: string, lines: number][] {
  return Object.entries(sources)
    .filter(([path]) => !isTest(path) && !isGenerated(path))
    .map(([path, source]): [string, number] => [path, source.trimEnd().split('\n').length])
    .sort((a, b) => b[1] - a[1])
}

// ---- the house ----

const src = fileURLToPath(new URL('.', import.meta.url))
const files = readdirSync(src, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(src, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
const sources: Sources = Object.fromEntries(files.filter((path) => /\.tsx?$/.test(path)).map((path) => [path, readFileSync(src + path, 'utf8')]))

describe('the architecture', () => {
  test('rooms import only the doors of the rooms below them', () => expect(importOffences(sources)).toEqual([]))
  test('the table of layers has no cycle', () => expect(cycleOf(layers)).toBeUndefined())
  test('the main thread does not load the engine', () => expect(mainThreadOffences(sources)).toEqual([]))
  test('the engine uses nothing of a platform', () => expect(platformOffences(sources)).toEqual([]))
  test('nothing is exported as default', () => expect(defaultExports(sources)).toEqual([]))

  test('every room of the engine has a door and a README', () => {
    const rooms = new Set(Object.keys(sources).map(roomOf).filter((room) => room?.startsWith('engine/')))
    const missing = [...rooms].flatMap((room) => [`${room}/index.ts`, `${room}/README.md`]).filter((path) => !files.includes(path))
    expect(missing).toEqual([])
  })

  test(`no file is longer than ${maxLines} lines`, () => {
    const counts = lineCounts(sources)
    const long = counts.filter(([, lines]) => lines > longLines)
    if (long.length > 0) console.log(`Files over ${longLines} lines: ${long.map(([path, lines]) => `${path} ${lines}`).join(', ')}`)
    expect(counts.filter(([, lines]) => lines > maxLines)).toEqual([])
  })
})

describe('the architecture test itself', () => {
  const bad: Sources = {
    'engine/kubelet/index.ts': '',
    'engine/sim/index.ts': "import { readFileSync } from 'node:fs'",
    'engine/sim/clock.ts': '',
    'engine/kube-scheduler/index.ts': "export { x } from '../kubelet'\nimport { tick } from '../sim/clock' // inner file",
    'engine/network/index.ts': "/* import '../kubelet' */\nimport {\n  a,\n  type B,\n} from '../sim'\nconst s = \"import '../kubelet'\"",
    'ui/features/map/index.ts': "import type { T } from '../timeline'\nconst lazy = () => import('../../../engine/kubelet')",
    'ui/features/timeline/index.ts': '',
    'ui/shell/index.tsx': "import { map } from '../features/map'",
    'engine/attic/index.ts': '',
    'engine/sim/world.testing.ts': "import '../../ui/shell'",
    'engine/etcd/index.ts': "import { world } from '../sim/world.testing'",
    'stray.ts': '',
    'main.tsx': "import { shell } from './ui/shell'",
    'engine/kubelet/wrong.test.ts': "import x from '../../ui/shell'",
  }

  test('finds forbidden imports and lets allowed ones pass', () => {
    expect(importOffences(bad)).toEqual([
      'engine/sim/index.ts imports the package node:fs',
      'engine/kube-scheduler/index.ts imports engine/kubelet, which engine/kube-scheduler may not',
      'engine/kube-scheduler/index.ts imports engine/sim/clock.ts, not through the door of engine/sim',
      'ui/features/map/index.ts imports ui/features/timeline, which ui/features/map may not',
      'ui/features/map/index.ts imports engine/kubelet, which ui/features/map may not',
      'engine/attic/index.ts: the room engine/attic is not in the table of layers',
      'engine/etcd/index.ts imports engine/sim/world.testing.ts, which is for tests',
      'stray.ts lies in no room',
    ])
  })

  test('follows value imports, not types, from the page to the engine', () => {
    expect(mainThreadOffences(bad)).toEqual(['ui/features/map/index.ts loads engine/kubelet/index.ts on the main thread (import type?)'])
    expect(mainThreadOffences({ ...bad, 'ui/features/map/index.ts': "import type { T } from '../../../engine/kubelet'" })).toEqual([])
  })

  test('finds a cycle', () => {
    expect(cycleOf({ a: ['b'], b: ['c'], c: ['b'] })).toEqual(['b', 'c', 'b'])
    expect(cycleOf({ a: ['b', 'c'], b: ['c'], c: [] })).toBeUndefined()
  })

  test('finds what belongs to a platform, but not in comments, strings and names', () => {
    const uses = (source: string) => platformOffences({ 'engine/sim/x.ts': source }).length
    const guilty = [
      'const t = Date.now()', 'new Date(0)', 'Math.random()', 'setTimeout(f, 1)', 'console.log(1)', 'await x', 'async function f() {}',
      'let p: Promise<void>', 'performance.now()', 'const f = async () => 1', 'const s = `at ${Date.now()}`', 'process.env.X', 'queueMicrotask(f)', 'fetch(url)',
    ]
    expect(guilty.filter((source) => uses(source) === 0)).toEqual([])
    const innocent = [
      '// Date.now()', '/* a Promise\n of setTimeout */', "const s = 'new Date()'", 'const s = `Date`', 'x.fetch(1)', 'const creationDate = 1',
      'const process = start(node)', 'window.start + window.end', "const r = /'/; const s = 'Date'", 'const asyncCount = 1', 'this.performanceScore',
    ]
    expect(innocent.filter((source) => uses(source) > 0)).toEqual([])
  })

  test('finds default exports', () => {
    expect(defaultExports({ 'a.ts': 'export default 1', 'b.ts': 'export { x as default }', 'c.ts': '// export default' })).toEqual(['a.ts', 'b.ts'])
  })
})
