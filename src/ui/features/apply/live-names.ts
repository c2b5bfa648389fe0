import type { Kubeloop } from '../../state'

/** Names of what lives in the cluster now, sorted; `images` are those that workloads run. */
export function liveNames({ nodes, services, workloads, objects }: Kubeloop, resource: string): readonly string[] {
  const names = (): Iterable<string> => {
    if (resource === 'nodes') return nodes.rows.keys()
    if (resource === 'services') return [...services.rows.values()].map(({ name }) => name)
    if (resource === 'images') return [...workloads.rows.values()].flatMap(({ images }) => images.map(({ image }) => image))
    return [...objects.rows.values()].filter((row) => row.resource === resource).map(({ name }) => name)
  }
  return [...new Set(names())].sort((a, b) => (a < b ? -1 : 1))
}
