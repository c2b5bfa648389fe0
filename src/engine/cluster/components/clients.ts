import { goQuote } from '../../apimachinery'
import type { LaunchVerdict } from '../../cri'
import { commandFailed, hangs, pemProblem, securePort, type Launch } from './launch'
import { readKubeconfig, unreachable } from './kubeconfig'

/** Files that both of the API server's clients serve and judge their own callers with. Upstream: apiserver/pkg/server/options authentication.go, serving.go */
function servingProblem(launch: Launch): string | undefined {
  const { values } = launch.line
  const certificate = values.get('tls-cert-file')
  const key = values.get('tls-private-key-file')
  if ((certificate === undefined) !== (key === undefined)) return '--tls-cert-file and --tls-private-key-file must both be given'
  for (const [path, kind] of [[certificate, 'CERTIFICATE'], [key, 'KEY']] as const) {
    const problem = path && pemProblem(launch, path, kind)
    if (problem) return problem
  }
  for (const name of ['authentication-kubeconfig', 'authorization-kubeconfig']) {
    const path = values.get(name)
    const read = path === undefined || path === '' ? undefined : readKubeconfig(launch, path)
    if (read && 'error' in read) return `failed to get delegated ${name.startsWith('authentication') ? 'authentication' : 'authorization'} kubeconfig: ${read.error}`
  }
  for (const [name, what] of [['client-ca-file', 'unable to load client CA provider'], ['requestheader-client-ca-file', 'unable to load requestheader client CA provider']] as const) {
    const path = values.get(name)
    const problem = path && pemProblem(launch, path, 'CERTIFICATE')
    if (problem) return `${what}: ${problem}`
  }
  return undefined
}

/**
 * What kube-scheduler and kube-controller-manager have in common: their port, their files, and the way to the API server.
 * Undefined: nothing is wrong; they run.
 */
export function clientProblem(launch: Launch, name: 'kube-scheduler' | 'kube-controller-manager', port: number): LaunchVerdict | undefined {
  const { values } = launch.line
  const own = securePort(launch.line, port)
  if (own < 0 || own > 65535) return commandFailed(`--secure-port ${own} must be between 0 and 65535, inclusive. 0 for turning off secure port`)
  const kubeconfig = values.get('kubeconfig')
  const config = name === 'kube-scheduler' ? values.get('config') : undefined
  if (config !== undefined && launch.read(config) === undefined) return commandFailed(`open ${config}: no such file or directory`)
  const read = kubeconfig === undefined || kubeconfig === '' ? undefined : readKubeconfig(launch, kubeconfig)
  if (read && 'error' in read) return commandFailed(read.error)
  const problem = servingProblem(launch)
  if (problem !== undefined) return commandFailed(problem)
  if (name === 'kube-controller-manager') {
    const signing = managerFiles(launch)
    if (signing !== undefined) return signing
  }
  // Without one it looks for the service account of a pod, which a static pod has not.
  if (read === undefined && values.get('master') === undefined) return commandFailed('invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable')
  const server = values.get('master') ?? (read as { readonly server: string }).server
  const lost = unreachable([launch.address, '127.0.0.1', 'localhost', launch.node], server)
  if (lost === undefined) return undefined
  const lease = values.get('leader-elect-resource-name') ?? name
  const space = values.get('leader-elect-resource-namespace') ?? 'kube-system'
  const why = `Get "${server}/apis/coordination.k8s.io/v1/namespaces/${space}/leases/${lease}?timeout=5s": ${lost}`
  return hangs([], `E$HEAD leaderelection.go:448] "Error retrieving lease lock" err=${goQuote(why)} lock="${space}/${lease}"`, [own])
}

/** Files of the controllers: a wrong one ends the manager, in the order in which it reads them. Upstream: cmd/kube-controller-manager/app/{core.go,certificates.go} */
function managerFiles(launch: Launch): LaunchVerdict | undefined {
  const { values } = launch.line
  const stops = (controller: string, error: string): LaunchVerdict => ({ lines: [`E$HEAD controllermanager.go:250] "Error starting controllers" err=${goQuote(`error starting controllers: failed to create controller ${goQuote(controller)}: ${error}`)}`], exit: 1, after: 3_000_000, ports: [] })
  const key = values.get('service-account-private-key-file')
  const keyProblem = key && pemProblem(launch, key, 'KEY')
  if (keyProblem) return stops('serviceaccount-token-controller', `error reading key for service account token controller: ${keyProblem}`)
  const root = values.get('root-ca-file')
  const rootProblem = root && pemProblem(launch, root, 'CERTIFICATE')
  if (rootProblem) return stops('root-ca-certificate-publisher-controller', `error reading root CA file at ${root}: ${rootProblem}`)
  for (const [name, kind] of [['cluster-signing-cert-file', 'CERTIFICATE'], ['cluster-signing-key-file', 'KEY']] as const) {
    const path = values.get(name)
    const problem = path && pemProblem(launch, path, kind)
    if (problem) return stops('certificatesigningrequest-signing-controller', `failed to start kubernetes.io/kubelet-serving certificate controller: error reading CA ${kind === 'KEY' ? 'key' : 'cert'} file ${goQuote(path)}: ${problem}`)
  }
  return undefined
}
