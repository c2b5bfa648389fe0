import { parseTime, quantity } from '../../apimachinery'
import { at, listAt, mapAt, textAt, type Thing } from '../api'
import { fail, Fail, problemOf } from '../errors'
import { flagSpecs } from '../flags'
import { goDuration } from './drain'
import { tabwrite } from '../tabwriter'
import type { Command, Invocation } from '../verb'

const METRICS = '/apis/metrics.k8s.io/v1beta1'
/** A pod this old has metrics if ever. Upstream: top_pod.go metricsCreationDelay. Units: µs */
const METRICS_DELAY = 120_000_000

type Usage = Readonly<Record<string, number>>

/** The metrics of one object, or of those that the selectors choose. */
function metrics(cmd: Invocation, path: string): readonly Thing[] {
  const { flags, api, args } = cmd
  const [name] = args
  if (args.length > 1) throw cmd.usage(cmd.path.endsWith('node') ? 'node [NAME | -l label]' : 'pod [NAME | -l label]')
  if (!['', 'cpu', 'memory'].includes(flags.string('sort-by'))) throw fail('--sort-by accepts only cpu or memory')
  const [labels, fields] = [flags.string('selector'), flags.string('field-selector')]
  if (name !== undefined && (labels !== '' || fields !== '')) throw fail(`only one of NAME or ${cmd.path.endsWith('node') ? '--selector' : 'selector'} can be provided`)
  const query = { ...(labels === '' ? {} : { labelSelector: labels }), ...(fields === '' ? {} : { fieldSelector: fields }) }
  const response = api.try(name === undefined ? { verb: 'list', path: METRICS + path, query } : { verb: 'get', path: `${METRICS}${path}/${name}` })
  // Upstream asks first which API groups are served.
  if (response.code === 503 || (response.code === 404 && textAt(response.body, 'details', 'name') === '')) throw fail('Metrics API not available')
  if (response.code !== 200) throw new Fail([problemOf(response)])
  return name === undefined ? listAt(response.body, 'items') : [response.body as Thing]
}

/** What is measured: milli-CPUs, bytes. */
const usageOf = (map: Readonly<Record<string, string>>): Usage => ({ cpu: quantity(map['cpu'] ?? '0').milliValue, memory: quantity(map['memory'] ?? '0').value, swap: quantity(map['swap'] ?? '0').value })

const sumOf = (all: readonly Usage[]): Usage => all.reduce<Usage>((a, b) => ({ cpu: (a['cpu'] ?? 0) + (b['cpu'] ?? 0), memory: (a['memory'] ?? 0) + (b['memory'] ?? 0), swap: (a['swap'] ?? 0) + (b['swap'] ?? 0) }), { cpu: 0, memory: 0, swap: 0 })

const shown = (resource: string, usage: Usage): string => (resource === 'cpu' ? `${usage[resource]}m` : `${Math.floor((usage[resource] ?? 0) / 1_048_576)}Mi`)

/** Greatest first; by names without `--sort-by`. */
function sorted<T>(list: readonly T[], by: string, usage: (m: T) => Usage, name: (m: T) => string): readonly T[] {
  return list.toSorted((a, b) => (by === '' ? 0 : (usage(b)[by] ?? 0) - (usage(a)[by] ?? 0)) || (name(a) < name(b) ? -1 : name(a) > name(b) ? 1 : 0))
}

const measured = (cmd: Invocation): readonly string[] => (cmd.flags.bool('show-swap') ? ['cpu', 'memory', 'swap'] : ['cpu', 'memory'])

/** Cells each followed by a tab, as upstream's printer writes them. */
const print = (cmd: Invocation, rows: readonly (readonly string[])[]): void => cmd.io.out(tabwrite(rows.map((r) => `${r.join('\t')}\t\n`).join(''), 6, 3))

const node: Command = {
  name: 'node',
  aliases: ['nodes', 'no'],
  flags: flagSpecs('no-headers selector/l:string show-capacity show-swap sort-by:string use-protocol-buffers=true'),
  run(cmd) {
    const { flags, api, args } = cmd
    const list = metrics(cmd, '/nodes')
    if (list.length === 0) throw fail('metrics not available yet')
    const resources = measured(cmd)
    const nodes = args[0] === undefined ? api.list('/api/v1/nodes', flags.string('selector') === '' ? {} : { labelSelector: flags.string('selector') }).items : [api.get(`/api/v1/nodes/${args[0]}`)]
    const rows = sorted(list, flags.string('sort-by'), (m) => usageOf(mapAt(m, 'usage')), (m) => m.metadata.name).map((m) => {
      const found = nodes.find((n) => n.metadata.name === m.metadata.name)
      const available = mapAt(found, 'status', flags.bool('show-capacity') ? 'capacity' : 'allocatable')
      const swap = at<number>(found, 'status', 'nodeInfo', 'swap', 'capacity')
      const used = usageOf(mapAt(m, 'usage'))
      return [m.metadata.name, ...resources.flatMap((r) => {
        if (r === 'swap' && swap === undefined) return ['<unknown>', '<unknown>']
        const all = r === 'swap' ? (swap as number) : r === 'cpu' ? quantity(available[r] ?? '0').milliValue : quantity(available[r] ?? '0').value
        return [shown(r, used), ...(r !== 'swap' && available[r] === undefined ? [] : [`${all === 0 ? 0 : Math.trunc(((used[r] ?? 0) / all) * 100)}%`])]
      })]
    })
    const silent = nodes.filter((n) => !list.some((m) => m.metadata.name === n.metadata.name)).map((n) => [n.metadata.name, ...resources.flatMap(() => ['<unknown>', '<unknown>'])])
    const heads = ['NAME', 'CPU(cores)', 'CPU(%)', 'MEMORY(bytes)', 'MEMORY(%)', ...(resources.length > 2 ? ['SWAP(bytes)', 'SWAP(%)'] : [])]
    print(cmd, [...(flags.bool('no-headers') ? [] : [heads]), ...rows, ...silent])
  },
}

const pod: Command = {
  name: 'pod',
  aliases: ['pods', 'po'],
  flags: flagSpecs('all-namespaces/A containers field-selector:string no-headers selector/l:string show-swap sort-by:string sum use-protocol-buffers=true'),
  run(cmd) {
    const { flags } = cmd
    const all = flags.bool('all-namespaces')
    const list = metrics(cmd, all ? '/pods' : `/namespaces/${cmd.namespace}/pods`)
    if (list.length === 0) return nothing(cmd, all)
    const resources = measured(cmd)
    const by = flags.string('sort-by')
    const each = flags.bool('containers')
    const total = (m: Thing): Usage => sumOf(listAt(m, 'containers').map((c) => usageOf(mapAt(c, 'usage'))))
    const line = (m: Thing, name: readonly string[], usage: Usage): string[] => [...(all ? [m.metadata.namespace ?? ''] : []), ...name, ...resources.map((r) => shown(r, usage))]
    const rows = sorted(list, by, total, (m) => `${all ? (m.metadata.namespace ?? '') : ''}/${m.metadata.name}`).flatMap((m) => {
      if (!each) return [line(m, [m.metadata.name], total(m))]
      return sorted(listAt(m, 'containers'), by, (c) => usageOf(mapAt(c, 'usage')), (c) => textAt(c, 'name')).map((c) => line(m, [m.metadata.name, textAt(c, 'name')], usageOf(mapAt(c, 'usage'))))
    })
    // Without headers upstream forgets to count the columns in front of the name.
    const before = flags.bool('no-headers') ? 0 : (all ? 1 : 0) + (each ? 1 : 0)
    const width = before + 1 + resources.length
    const blank = (n: number): string[] => Array.from({ length: Math.max(0, n) }, () => '')
    const sum = flags.bool('sum') ? [[...blank(width - 2), '________', '________'], [...blank(width - 3), '', ...resources.map((r) => shown(r, sumOf(list.map(total))))]] : []
    const heads = [...(all ? ['NAMESPACE'] : []), ...(each ? ['POD'] : []), 'NAME', 'CPU(cores)', 'MEMORY(bytes)', ...(resources.length > 2 ? ['SWAP(bytes)'] : [])]
    print(cmd, [...(flags.bool('no-headers') ? [] : [heads]), ...rows, ...sum])
  },
}

/** No metrics: there are no pods, or they are too young, or something is wrong. Upstream: top_pod.go verifyEmptyMetrics */
function nothing(cmd: Invocation, all: boolean): void {
  const { flags, io, api } = cmd
  const pods = api.list(all ? '/api/v1/pods' : `/api/v1/namespaces/${cmd.namespace}/pods`, { ...(flags.string('selector') === '' ? {} : { labelSelector: flags.string('selector') }), ...(flags.string('field-selector') === '' ? {} : { fieldSelector: flags.string('field-selector') }) }).items
  if (pods.length === 0) return io.err(all ? 'No resources found\n' : `No resources found in ${cmd.namespace} namespace.\n`)
  const now = io.now()
  for (const p of pods) {
    const age = now - (parseTime(p.metadata.creationTimestamp ?? '') ?? now)
    if (age > METRICS_DELAY) throw fail(`Metrics not available for pod ${p.metadata.namespace}/${p.metadata.name}, age: ${goDuration(age)}`)
  }
  throw fail('metrics not available yet')
}

/** `kubectl top`. Upstream: kubectl/pkg/cmd/top, kubectl/pkg/metricsutil */
export const top: Command = {
  name: 'top',
  flags: [],
  commands: [node, pod],
}
