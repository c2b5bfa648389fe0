import { expect, test } from 'vitest'
import type { ContainerdState } from '../../cri'
import { manifestPath } from '../manifests'
import { Terminal } from '../terminal.testing'

test('serves kinds of beta versions when the version and the gate are asked for', () => {
  const t = new Terminal()
  expect(t.type('kubectl get clustertrustbundles')).toContain('error: the server doesn\'t have a resource type "clustertrustbundles"')
  expect(t.type('kubectl api-resources')).not.toContain('clustertrustbundles')
  const path = manifestPath('kube-apiserver')
  const files = (t.cluster.sim.stateOf<ContainerdState>('containerd@control-plane') as ContainerdState).hostFiles.files as Map<string, string>
  const text = (files.get(path) as string).replace('    - --secure-port', '    - --runtime-config=certificates.k8s.io/v1beta1=true\n    - --feature-gates=ClusterTrustBundle=true\n    - --secure-port')
  t.fault({ kind: 'host-file', node: 'control-plane', path, text }).run(60)
  expect(t.type('kubectl api-resources --api-group=certificates.k8s.io')).toMatch(/^clustertrustbundles +certificates\.k8s\.io\/v1beta1 +false +ClusterTrustBundle$/m)
  // Its gate is off.
  expect(t.type('kubectl get podcertificaterequests')).toContain('doesn\'t have a resource type "podcertificaterequests"')
  expect(t.type('kubectl get clustertrustbundles')).toContain('No resources found')
})
