import type { Container, Pod } from '../api'
import { quantityMilliValue, quantityValue } from '../apimachinery'
import { nodeAddress } from './params'
import type { KubeletState } from './state'

/** A map as the downward API writes it: one `key="value"` a line, values quoted as Go does. Upstream: pkg/fieldpath FormatMap */
function formatMap(map: Readonly<Record<string, string>> | undefined): string {
  return Object.keys(map ?? {}).sort().map((k) => `${k}=${JSON.stringify(map?.[k] ?? '')}`).join('\n')
}

/** What a downward API field says. Upstream: pkg/fieldpath, kubelet_pods.go podFieldSelectorRuntimeValue */
export function fieldValue(state: Pick<KubeletState, 'params'>, pod: Pod, path: string, podIP: string): string {
  switch (path) {
    case 'metadata.name': return pod.metadata.name
    case 'metadata.namespace': return pod.metadata.namespace ?? ''
    case 'metadata.uid': return pod.metadata.uid ?? ''
    case 'spec.nodeName': return pod.spec.nodeName ?? ''
    case 'spec.serviceAccountName': return pod.spec.serviceAccountName ?? ''
    case 'status.hostIP':
    case 'status.hostIPs': return nodeAddress(state.params)
    case 'status.podIP':
    case 'status.podIPs': return podIP
    default: {
      const open = path.indexOf("['")
      if (open > 0) {
        const key = path.slice(open + 2, -2)
        return (path.startsWith('metadata.labels') ? pod.metadata.labels?.[key] : pod.metadata.annotations?.[key]) ?? ''
      }
      return formatMap(path === 'metadata.labels' ? pod.metadata.labels : pod.metadata.annotations)
    }
  }
}

/** What a resource of a container comes to, in units of the divisor, rounded up; limits that are not set are the node's. Upstream: pkg/api/v1/resource/helpers.go */
export function resourceValue(state: Pick<KubeletState, 'params'>, container: Container, resource: string, divisor: string | number | undefined): string {
  const dot = resource.indexOf('.')
  const kind = resource.slice(0, dot)
  const name = resource.slice(dot + 1)
  const { node } = state.params
  let value = (kind === 'limits' ? container.resources?.limits : container.resources?.requests)?.[name]
  if (value === undefined && kind === 'limits') value = name === 'cpu' ? `${node.cpuMillis}m` : name === 'memory' ? String(node.memoryBytes) : name === 'ephemeral-storage' ? '61202244Ki' : undefined
  if (value === undefined) return '0'
  const unit = divisor === undefined || String(divisor) === '0' ? '1' : String(divisor)
  return name === 'cpu' ? String(Math.ceil(quantityMilliValue(String(value)) / quantityMilliValue(unit))) : String(Math.ceil(quantityValue(String(value)) / quantityValue(unit)))
}
