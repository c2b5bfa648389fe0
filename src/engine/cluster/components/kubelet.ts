import { goQuote, readConfigYaml } from '../../apimachinery'
import { kubeletConfigPath, type ContainerdState } from '../../cri'
import { readKubeletConfig, type KubeletFailure } from '../../kubelet'
import { controlPlaneHost, hasStaticPods, machineAddress } from '../boot'
import type { ClusterConfig } from '../config'
import { readKubeconfig, unreachable } from './kubeconfig'

const kubeconfig = '/etc/kubernetes/kubelet.conf'

/** Why a kubelet does not come to its work with the files of its machine; undefined: it does, or they are not known. Upstream: cmd/kubelet/app/server.go */
export function kubeletProblem(config: ClusterConfig, node: string, runtime: ContainerdState): KubeletFailure | undefined {
  const files = runtime.hostFiles.files
  if (!runtime.ready || files === null || files.size === 0) return undefined
  const ends = (error: string): KubeletFailure => ({ where: 'run.go:72', text: `"command failed" err=${goQuote(error)}`, restarts: true })
  const text = files.get(kubeletConfigPath)
  const loading = `failed to load kubelet config file, path: ${kubeletConfigPath}, error: failed to load Kubelet config file ${kubeletConfigPath}, error`
  if (text === undefined) return ends(`${loading} failed to read kubelet config file ${goQuote(kubeletConfigPath)}, error: open ${kubeletConfigPath}: no such file or directory`)
  const yaml = readConfigYaml(text)
  if (yaml.error !== undefined) return ends(`${loading} failed to decode: ${yaml.error}`)
  const read = readKubeletConfig(text)
  if ('error' in read && read.error.startsWith('failed to run Kubelet')) return ends(read.error)
  if ('error' in read) return ends(read.error.startsWith('invalid configuration') ? `failed to validate kubelet configuration, error: ${read.error}, path: &TypeMeta{Kind:,APIVersion:,}` : `${loading} failed to decode: no kind "KubeletConfiguration" is registered`)
  const ca = (yaml.value as { readonly authentication?: { readonly x509?: { readonly clientCAFile?: string } } }).authentication?.x509?.clientCAFile
  if (ca && files.get(ca) === undefined) return ends(`failed to construct kubelet dependencies: unable to load client CA file ${ca}: open ${ca}: no such file or directory`)
  if (files.get(kubeconfig) === undefined) return ends('failed to run Kubelet: unable to load bootstrap kubeconfig: stat /etc/kubernetes/bootstrap-kubelet.conf: no such file or directory')
  const server = readKubeconfig({ read: (path) => files.get(path) }, kubeconfig)
  if ('error' in server) return ends(`failed to run Kubelet: ${server.error}`)
  const machine = config.nodes.find((n) => n.name === controlPlaneHost)
  if (!hasStaticPods(config) || machine === undefined) return undefined
  const hosts = [machineAddress(config, machine), controlPlaneHost, ...(node === controlPlaneHost ? ['127.0.0.1', 'localhost'] : [])]
  const lost = unreachable(hosts, server.server)
  return lost === undefined ? undefined : { where: 'kubelet_node_status.go:107', text: `"Unable to register node with API server" err=${goQuote(`Post "${server.server}/api/v1/nodes": ${lost}`)} node="${node}"`, restarts: false }
}
