import { lastApplied, textAt, type Thing } from '../api'
import { uidOf } from '../builder'
import { Fail, fail, problemOf, wordsOf } from '../errors'
import { dryRunOf, printResult } from '../print-flags'
import { apiVersionOf, pathOf, type Mapping } from '../rest-mapper'
import { logHead } from '../rest-log'
import type { Invocation } from '../verb'
import { propagationOf } from './cascade'

/** What is pruned when nothing is said; namespaces and volumes come last. Upstream: kubectl/pkg/util/prune */
const DEFAULTS: readonly string[] = [
  'configmaps', 'endpoints', 'persistentvolumeclaims', 'pods', 'replicationcontrollers', 'secrets', 'services', 'jobs', 'cronjobs', 'ingresses', 'daemonsets', 'deployments', 'replicasets', 'statefulsets',
  'namespaces', 'persistentvolumes',
]

/** The kinds that `--prune-allowlist` names. Errors: as upstream says them. */
function allowed(cmd: Invocation): readonly Mapping[] {
  const { flags, mapper } = cmd
  return flags.list('prune-allowlist').map((text) => {
    const parts = text.split('/')
    if (parts.length !== 3) throw fail(`invalid GroupVersionKind format: ${text}, please follow <group/version/kind>`)
    const [group = '', version = '', kind = ''] = parts
    const apiVersion = group === '' || group === 'core' ? version : `${group}/${version}`
    const found = mapper.ofKind(apiVersion, kind)
    if (found === undefined) throw fail(`no matches for kind "${kind}" in version "${apiVersion}"`)
    return found
  })
}

/** What the flags of `--prune` forbid. Upstream: ApplyOptions.Validate */
export function checkPrune({ flags }: Invocation): void {
  if (flags.bool('all') && flags.string('selector') !== '') throw fail('cannot set --all and --selector at the same time')
  if (!flags.bool('prune')) return
  if (flags.bool('force')) throw fail('--force cannot be used with --prune')
  if (!flags.bool('all') && flags.string('selector') === '') throw fail('all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all flag. If you did not mean to prune all resources, specify a label selector')
  if (flags.bool('server-side')) throw fail("--prune is in alpha and doesn't currently work on objects created by server-side apply")
}

/** Deletes what was applied before and is not among what was applied now. Upstream: kubectl/pkg/cmd/apply/prune.go */
export function prune(cmd: Invocation, visited: readonly Thing[], namespaces: readonly string[]): void {
  const { flags, io, api, mapper } = cmd
  const dryRun = dryRunOf(flags)
  const chosen = allowed(cmd)
  if (chosen.length === 0) io.err(`${logHead(io.now(), 'prune.go:71', 'W')}Deprecated: kubectl apply will no longer prune non-namespaced resources by default when used with the --namespace flag in a future release. To preserve the current behaviour, list the resources you want to target explicitly in the --prune-allowlist flag.\n`)
  const mappings = chosen.length > 0 ? chosen : DEFAULTS.map((r) => mapper.must(r))
  const uids = new Set(visited.map(uidOf))
  const policy = propagationOf(cmd)
  const one = (mapping: Mapping, namespace: string): void => {
    const refused = (problem: ReturnType<typeof problemOf>): Fail => fail(`error pruning ${mapping.namespaced ? 'namespaced' : 'nonNamespaced'} object ${apiVersionOf(mapping)}, Kind=${mapping.kind}: ${wordsOf(problem)}`)
    const listed = api.try({ verb: 'list', path: pathOf(mapping, namespace), query: flags.string('selector') === '' ? {} : { labelSelector: flags.string('selector') } })
    if (listed.code !== 200) throw refused(problemOf(listed))
    for (const item of (listed.body as unknown as { items: Thing[] }).items) {
      if (textAt(item, 'metadata', 'annotations', lastApplied) === '' || uids.has(uidOf(item))) continue
      if (dryRun !== 'client') {
        const grace = flags.int('grace-period')
        const response = api.try({ verb: 'delete', path: pathOf(mapping, namespace, item.metadata.name), body: { propagationPolicy: policy, ...(grace >= 0 ? { gracePeriodSeconds: grace } : {}), ...(dryRun === 'server' ? { dryRun: ['All'] } : {}) } })
        if (response.code >= 300) throw refused(problemOf(response))
      }
      printResult({ ...item, apiVersion: apiVersionOf(mapping), kind: mapping.kind }, 'pruned', flags, io, dryRun)
    }
  }
  for (const namespace of namespaces) for (const m of mappings) if (m.namespaced) one(m, namespace)
  for (const m of mappings) if (!m.namespaced) one(m, '')
}
