import type { Node } from '../../api'

/** Old label that has to equal the stable one. Upstream: labelReconcileInfo */
const pairs: readonly (readonly [stable: string, beta: string])[] = [['kubernetes.io/os', 'beta.kubernetes.io/os'], ['kubernetes.io/arch', 'beta.kubernetes.io/arch']]

/** Labels that a node lacks, or has wrong. Upstream: node_lifecycle_controller.go reconcileNodeLabels */
export function labelsToUpdate(node: Node): Readonly<Record<string, string>> {
  const labels = node.metadata.labels ?? {}
  const out: Record<string, string> = {}
  for (const [stable, beta] of pairs) {
    const value = labels[stable]
    if (value !== undefined && labels[beta] !== value) out[beta] = value
  }
  return out
}
