import type { Kubeloop } from '../../state'

/** Words that could stand at the cursor: `from` is where the word under it begins. */
export interface Words {
  readonly from: number
  readonly options: readonly string[]
}

const verbs = 'annotate api-resources api-versions apply attach auth autoscale certificate cluster-info completion config cordon cp create debug delete describe diff drain edit events exec explain expose get help kustomize label logs options patch port-forward proxy replace rollout run scale set taint top uncordon version wait'.split(' ')
const kinds = 'pods deployments replicasets statefulsets daemonsets jobs cronjobs services nodes namespaces configmaps secrets endpoints endpointslices events ingresses persistentvolumes persistentvolumeclaims storageclasses serviceaccounts roles rolebindings clusterroles clusterrolebindings horizontalpodautoscalers networkpolicies poddisruptionbudgets resourcequotas limitranges leases all'.split(' ')
const short: Readonly<Record<string, string>> = {
  po: 'pods', pod: 'pods', deploy: 'deployments', deployment: 'deployments', rs: 'replicasets', replicaset: 'replicasets', sts: 'statefulsets', statefulset: 'statefulsets', ds: 'daemonsets', daemonset: 'daemonsets',
  job: 'jobs', cj: 'cronjobs', cronjob: 'cronjobs', svc: 'services', service: 'services', no: 'nodes', node: 'nodes', ns: 'namespaces', namespace: 'namespaces', cm: 'configmaps', configmap: 'configmaps', secret: 'secrets',
  ep: 'endpoints', ing: 'ingresses', ingress: 'ingresses', pv: 'persistentvolumes', pvc: 'persistentvolumeclaims', sc: 'storageclasses', sa: 'serviceaccounts', hpa: 'horizontalpodautoscalers', pdb: 'poddisruptionbudgets', quota: 'resourcequotas', netpol: 'networkpolicies',
}
const flags = '--all-namespaces --namespace --output --selector --watch --field-selector --show-labels --sort-by --dry-run=client --dry-run=server --help'.split(' ')
const second: Readonly<Record<string, readonly string[]>> = {
  rollout: ['history', 'pause', 'restart', 'resume', 'status', 'undo'], config: ['current-context', 'get-contexts', 'set-context', 'use-context', 'view'], auth: ['can-i', 'whoami'], top: ['nodes', 'pods'],
  set: ['env', 'image', 'resources', 'selector', 'serviceaccount'],
  create: ['clusterrole', 'clusterrolebinding', 'configmap', 'cronjob', 'deployment', 'ingress', 'job', 'namespace', 'poddisruptionbudget', 'priorityclass', 'quota', 'role', 'rolebinding', 'secret', 'service', 'serviceaccount', 'token'],
}

/** Asks the machine that lines are typed on; while it cannot tell, says what the page itself knows. */
export async function complete(kubeloop: Kubeloop, line: string, cursor: number): Promise<Words> {
  const answer = await kubeloop.ask({ about: 'complete', line, cursor }).catch(() => null)
  return isWords(answer) ? answer : known(kubeloop, line, cursor)
}

function isWords(value: unknown): value is Words {
  return typeof value === 'object' && value !== null && 'from' in value && typeof value.from === 'number' && 'options' in value && Array.isArray(value.options)
}

/** From the rows of the page: verbs, kinds, names, namespaces. */
export function known(kubeloop: Pick<Kubeloop, 'pods' | 'nodes' | 'services' | 'workloads' | 'objects'>, line: string, cursor: number): Words {
  const before = line.slice(0, cursor)
  const command = before.slice(Math.max(before.lastIndexOf('|'), before.lastIndexOf(';'), before.lastIndexOf('&'), before.lastIndexOf('\n')) + 1).trimStart()
  const words = command.split(/\s+/)
  const word = words.at(-1) ?? ''
  const from = cursor - word.length
  const sorted = (options: Iterable<string>): Words => ({ from, options: [...new Set(options)].filter((option) => option.startsWith(word)).sort((a, b) => (a < b ? -1 : 1)) })
  if (words.length <= 1) return sorted(['kubectl', 'cat', 'ls', 'vi', 'watch', 'curl', 'grep', 'echo', 'clear'])
  if (words[0] !== 'kubectl' && words[0] !== 'k') return sorted([])
  const last = words.at(-2) ?? ''
  const objects = (resource: string): Iterable<string> => namesOf(kubeloop, resource, namespaceOf(words))
  if (last === '-n' || last === '--namespace') return sorted(objects('namespaces'))
  if (last === '-o' || last === '--output') return sorted(['json', 'name', 'wide', 'yaml', 'jsonpath=', 'custom-columns=', 'go-template='])
  if (word.startsWith('-')) return sorted(flags)
  const plain = words.slice(1, -1).filter((w, i, list) => !w.startsWith('-') && !/^(?:-n|--namespace|-l|-o|-c|-f)$/.test(list[i - 1] ?? ''))
  const [verb, ...args] = plain
  if (verb === undefined) return sorted(verbs)
  const seconds = second[verb]
  if (seconds && args.length === 0) return sorted(seconds)
  const rest = verb === 'rollout' || verb === 'set' ? args.slice(1) : args
  if (['logs', 'exec', 'attach', 'port-forward', 'debug', 'cp'].includes(verb)) return rest.length === 0 ? sorted(objects('pods')) : sorted([])
  if (['cordon', 'uncordon', 'drain'].includes(verb)) return sorted(objects('nodes'))
  const slash = word.indexOf('/')
  if (slash > 0) {
    const kind = word.slice(0, slash)
    return sorted([...objects(short[kind] ?? kind)].map((name) => `${kind}/${name}`))
  }
  if (rest.length === 0) return sorted(kinds)
  const kind = rest[0] ?? ''
  return sorted(objects(short[kind] ?? kind))
}

function namespaceOf(words: readonly string[]): string | null {
  if (words.includes('-A') || words.includes('--all-namespaces')) return null
  const at = words.findIndex((w) => w === '-n' || w === '--namespace')
  return at >= 0 ? (words[at + 1] ?? 'default') : 'default'
}

type Tables = Pick<Kubeloop, 'pods' | 'nodes' | 'services' | 'workloads' | 'objects'>

function* namesOf({ pods, nodes, services, workloads, objects }: Tables, resource: string, namespace: string | null): Iterable<string> {
  const inside = (row: { readonly namespace: string }): boolean => namespace === null || row.namespace === namespace || row.namespace === ''
  if (resource === 'nodes') yield* nodes.rows.keys()
  else if (resource === 'pods') for (const row of pods.rows.values()) { if (inside(row)) yield row.name }
  else if (resource === 'services') for (const row of services.rows.values()) { if (inside(row)) yield row.name }
  else {
    for (const row of workloads.rows.values()) if (`${row.kind.toLowerCase()}s` === resource && inside(row)) yield row.name
    for (const row of objects.rows.values()) if (row.resource === resource && inside(row)) yield row.name
  }
}
