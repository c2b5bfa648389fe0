import type { Cluster } from '../engine/cluster'
import type { CompletionLookup } from '../engine/kubectl'
import { sampleFiles } from '../scenarios'
import { homeOf, machineOf } from './machine-files'

interface Crd {
  readonly spec: { readonly group: string; readonly scope: string; readonly names: { readonly plural: string; readonly kind: string; readonly shortNames?: readonly string[] } }
}

/** What completion sees of the present moment. */
export function lookupOf(cluster: Cluster): CompletionLookup {
  const machine = machineOf(cluster)
  const cwd = machine?.cwd ?? '/home/you'
  const config = machine?.kubeconfigs['']
  const paths = machine === undefined ? Object.keys(sampleFiles).map((f) => `/home/you/${f}`) : Object.keys(machine.files)
  return {
    names(resource, namespace) {
      const names: string[] = []
      for (const o of cluster.objects(resource)) {
        if (namespace === '' || (o.metadata.namespace ?? '') === '' || o.metadata.namespace === namespace) names.push(o.metadata.name)
        if (names.length >= 5000) break
      }
      return names
    },
    containers(namespace, pod) {
      const spec = (cluster.object('pods', namespace, pod) as { spec?: Record<string, readonly { readonly name: string }[] | undefined> } | undefined)?.spec
      return ['containers', 'initContainers', 'ephemeralContainers'].flatMap((k) => (spec?.[k] ?? []).map((c) => c.name))
    },
    files(directory) {
      const full = homeOf(directory, cwd)
      const base = `${full.split('/').filter((p) => p !== '' && p !== '.').reduce((path, p) => (p === '..' ? path.slice(0, path.lastIndexOf('/')) : `${path}/${p}`), '')}/`
      const names = new Set<string>()
      for (const f of paths) {
        if (!f.startsWith(base)) continue
        const rest = f.slice(base.length)
        const slash = rest.indexOf('/')
        if (rest !== '') names.add(slash < 0 ? rest : rest.slice(0, slash + 1))
      }
      return [...names]
    },
    customResources: ([...cluster.objects('customresourcedefinitions')] as unknown as readonly Crd[]).map(({ spec }) => ({ resource: spec.names.plural, kind: spec.names.kind, shortNames: spec.names.shortNames ?? [], namespaced: spec.scope === 'Namespaced', group: spec.group })),
    namespace: cluster.state.namespace,
    aliases: machine?.aliases ?? {},
    contexts: Object.keys(config?.contexts ?? { 'kubernetes-admin@kubernetes': {} }),
  }
}
