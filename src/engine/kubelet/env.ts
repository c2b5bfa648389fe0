import type { Container, Pod } from '../api'
import type { ContainerSpec } from '../cri'
import { objectData } from './objects'
import { nodeAddress } from './params'
import type { KubeletState, PodWorker } from './state'

/** Replaces `$(NAME)` by what the environment says; `$$` is a dollar sign. Upstream: third_party/forked/golang/expansion */
export function expand(text: string, env: Readonly<Record<string, string>>): string {
  let out = ''
  let from = 0
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== '$' || i + 1 >= text.length) continue
    const next = text[i + 1]
    if (next === '$') {
      out += `${text.slice(from, i)}$`
      i++
      from = i + 1
    } else if (next === '(') {
      const end = text.indexOf(')', i)
      if (end < 0) continue
      const value = env[text.slice(i + 2, end)]
      if (value !== undefined) out += text.slice(from, i) + value
      else out += text.slice(from, end + 1)
      i = end
      from = end + 1
    }
  }
  return out + text.slice(from)
}

/** What a downward API field says. Upstream: pkg/fieldpath */
export function fieldValue(state: KubeletState, pod: Pod, path: string, podIP: string): string {
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
      const list = path === 'metadata.labels' ? pod.metadata.labels : pod.metadata.annotations
      return Object.keys(list ?? {}).sort().map((k) => `${k}="${list?.[k] ?? ''}"`).join('\n')
    }
  }
}

/**
 * The environment of a container. Errors: the text of CreateContainerConfigError; 'wait' while an object is being read.
 * Upstream: kubelet_pods.go makeEnvironmentVariables
 */
export function environment(state: KubeletState, worker: PodWorker, container: Container, podIP: string, ctx: Parameters<typeof objectData>[5]): { readonly env: Record<string, string> } | { readonly error: string } | 'wait' {
  const pod = worker.pod
  const env: Record<string, string> = {}
  const ns = pod.metadata.namespace ?? ''
  for (const from of container.envFrom ?? []) {
    const ref = from.configMapRef ?? from.secretRef
    if (ref === undefined) continue
    const data = objectData(state, worker, from.configMapRef ? 'configmaps' : 'secrets', ns, ref.name ?? '', ctx)
    if (data === 'wait') return 'wait'
    if (data === null) {
      if (ref.optional) continue
      return { error: `${from.configMapRef ? 'configmap' : 'secret'} "${ref.name ?? ''}" not found` }
    }
    for (const k of Object.keys(data).sort()) env[(from.prefix ?? '') + k] = data[k] as string
  }
  for (const v of container.env ?? []) {
    const from = v.valueFrom
    if (from === undefined) {
      env[v.name] = expand(v.value ?? '', env)
      continue
    }
    if (from.fieldRef) env[v.name] = fieldValue(state, pod, from.fieldRef.fieldPath, podIP)
    else if (from.resourceFieldRef) {
      const [kind, name] = from.resourceFieldRef.resource.split('.') as [string, string]
      env[v.name] = String((kind === 'limits' ? container.resources?.limits : container.resources?.requests)?.[name] ?? '0')
    } else {
      const ref = from.configMapKeyRef ?? from.secretKeyRef
      if (ref === undefined) continue
      const map = from.configMapKeyRef !== undefined
      const data = objectData(state, worker, map ? 'configmaps' : 'secrets', ns, ref.name ?? '', ctx)
      if (data === 'wait') return 'wait'
      if (data === null) {
        if (ref.optional) continue
        return { error: `${map ? 'configmap' : 'secret'} "${ref.name ?? ''}" not found` }
      }
      const value = data[ref.key]
      if (value === undefined) {
        if (ref.optional) continue
        return { error: `couldn't find key ${ref.key} in ${map ? 'ConfigMap' : 'Secret'} ${ns}/${ref.name ?? ''}` }
      }
      env[v.name] = value
    }
  }
  return { env }
}

/** What the runtime is given to start a container. */
export function containerSpec(pod: Pod, container: Container, env: Record<string, string>): ContainerSpec {
  const ports: number[] = []
  for (const p of container.ports ?? []) ports.push(p.containerPort)
  return Object.freeze({
    image: container.image ?? '', command: (container.command ?? []).map((c) => expand(c, env)), args: (container.args ?? []).map((c) => expand(c, env)),
    env: Object.freeze({ PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOSTNAME: pod.spec.hostname ?? pod.metadata.name, KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443', HOME: '/root', ...env }),
    ports, hostname: pod.spec.hostname ?? pod.metadata.name, workingDir: container.workingDir ?? '/',
  })
}
