import { quantity } from '../../apimachinery'
import { listAt, mapAt, textAt, type Thing } from '../api'
import { fail, Fail, problemOf } from '../errors'
import { flagSpecs } from '../flags'
import { tableText } from '../tabwriter'
import type { Command, Invocation } from '../verb'

const METRICS = '/apis/metrics.k8s.io/v1beta1'

function metrics(cmd: Invocation, path: string): readonly Thing[] {
  const selector = cmd.flags.string('selector')
  const response = cmd.api.try({ verb: 'list', path: `${METRICS}${path}`, query: selector === '' ? {} : { labelSelector: selector } })
  if (response.code === 404 || response.code === 503) throw fail('Metrics API not available')
  if (response.code !== 200) throw new Fail([problemOf(response)])
  return listAt(response.body, 'items')
}

const milli = (text: string | undefined): number => quantity(text ?? '0').milliValue
const mebi = (text: string | undefined): number => Math.floor(quantity(text ?? '0').value / 1_048_576)

const node: Command = {
  name: 'node',
  aliases: ['nodes', 'no'],
  short: 'Display resource (CPU/memory) usage of nodes',
  usage: '[NAME | -l label] [options]',
  flags: flagSpecs('no-headers selector/l:string show-capacity sort-by:string use-protocol-buffers=true'),
  run(cmd) {
    const list = metrics(cmd, '/nodes').filter((m) => cmd.args.length === 0 || cmd.args.includes(m.metadata.name))
    const nodes = cmd.api.list('/api/v1/nodes').items
    const sortBy = cmd.flags.string('sort-by')
    if (!['', 'cpu', 'memory'].includes(sortBy)) throw fail('--sort-by accepts only cpu or memory')
    const rows = sorted(list, sortBy, (m) => mapAt(m, 'usage')).map((m) => {
      const all = mapAt(nodes.find((n) => n.metadata.name === m.metadata.name), 'status', cmd.flags.bool('show-capacity') ? 'capacity' : 'allocatable')
      const used = mapAt(m, 'usage')
      const percent = (a: number, b: number): string => (b === 0 ? '<unknown>' : `${Math.trunc((a * 100) / b)}%`)
      return [m.metadata.name, `${milli(used['cpu'])}m`, percent(milli(used['cpu']), milli(all['cpu'])), `${mebi(used['memory'])}Mi`, percent(quantity(used['memory']).value, quantity(all['memory']).value)]
    })
    cmd.io.out(tableText([...(cmd.flags.bool('no-headers') ? [] : [['NAME', 'CPU(cores)', 'CPU(%)', 'MEMORY(bytes)', 'MEMORY(%)']]), ...rows]))
  },
}

function sorted(list: readonly Thing[], by: string, usage: (m: Thing) => Readonly<Record<string, string>>): readonly Thing[] {
  if (by === '') return list.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
  return list.toSorted((a, b) => quantity(usage(b)[by]).milliValue - quantity(usage(a)[by]).milliValue)
}

const pod: Command = {
  name: 'pod',
  aliases: ['pods', 'po'],
  short: 'Display resource (CPU/memory) usage of pods',
  usage: '[NAME | -l label] [options]',
  flags: flagSpecs('all-namespaces/A containers field-selector:string no-headers selector/l:string sort-by:string sum use-protocol-buffers=true'),
  run(cmd) {
    const all = cmd.flags.bool('all-namespaces')
    const list = metrics(cmd, all ? '/pods' : `/namespaces/${cmd.namespace}/pods`).filter((m) => cmd.args.length === 0 || cmd.args.includes(m.metadata.name))
    if (list.length === 0) return cmd.io.err(all ? 'No resources found\n' : `No resources found in ${cmd.namespace} namespace.\n`)
    const total = (m: Thing): Record<string, string> => ({ cpu: `${listAt(m, 'containers').reduce((n, c) => n + milli(mapAt(c, 'usage')['cpu']), 0)}m`, memory: String(listAt(m, 'containers').reduce((n, c) => n + quantity(mapAt(c, 'usage')['memory']).value, 0)) })
    const each = cmd.flags.bool('containers')
    const rows = sorted(list, cmd.flags.string('sort-by'), total).flatMap((m) => (each ? listAt(m, 'containers').map((c) => ({ name: [m.metadata.name, textAt(c, 'name')], usage: mapAt(c, 'usage') })) : [{ name: [m.metadata.name], usage: total(m) }])
      .map(({ name, usage }) => [...(all ? [m.metadata.namespace ?? ''] : []), ...name, `${milli(usage['cpu'])}m`, `${mebi(usage['memory'])}Mi`]))
    cmd.io.out(tableText([...(cmd.flags.bool('no-headers') ? [] : [[...(all ? ['NAMESPACE'] : []), ...(each ? ['POD', 'NAME'] : ['NAME']), 'CPU(cores)', 'MEMORY(bytes)']]), ...rows]))
  },
}

/** `kubectl top`. Upstream: kubectl/pkg/cmd/top */
export const top: Command = {
  name: 'top',
  short: 'Display resource (CPU/memory) usage',
  long: `Display resource (CPU/memory) usage.

 This command provides a view of recent resource consumption for nodes and pods. It fetches metrics from the Metrics Server, which aggregates this data from the kubelet on each node. The Metrics Server must be installed and running in the cluster for this command to work.

 The metrics shown are specifically optimized for Kubernetes autoscaling decisions, such as those made by the Horizontal Pod Autoscaler (HPA) and Vertical Pod Autoscaler (VPA). Because of this, the values may not match those from standard OS tools like 'top', as the metrics are designed to provide a stable signal for autoscalers rather than for pinpoint accuracy.

 FAQ for Metrics Server: https://github.com/kubernetes-sigs/metrics-server/blob/master/FAQ.md

 When to use this command:

  *  For on-the-fly spot-checks of resource usage (e.g. identify which pods are consuming the most resources at a glance, or get a quick sense of the load on your nodes)
  *  Understand current resource consumption patterns
  *  Validate the behavior of your HPA or VPA configurations by seeing the metrics they use for scaling decisions.

 It is not intended to be a replacement for full-featured monitoring solutions. Its primary design goal is to provide a low-overhead signal for autoscalers, not to be a perfectly accurate monitoring tool. For high-accuracy reporting, historical analysis, dashboarding, or alerting, you should use a dedicated monitoring solution.`,
  usage: '[flags] [options]',
  flags: flagSpecs('use-protocol-buffers=true'),
  commands: [node, pod],
}
