import type { Container, Pod } from '../api'
import type { Ctx } from '../sim'
import { fieldValue, resourceValue } from './downward'
import { objectData } from './objects'
import { isStaticPod } from './pod'
import { serviceVariables } from './service-env'
import type { KubeletState, PodWorker } from './state'

/** Replaces `$(NAME)` by what the environment says; `$$` is a dollar sign. Upstream: third_party/forked/golang/expansion */
export function expand(text: string, env: Readonly<Record<string, string>>): string {
  if (!text.includes('$')) return text
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

const none: Readonly<Record<string, string>> = Object.freeze({})

/** Where an environment's values come from: all that makeEnvironmentVariables asks of the rest of the kubelet. */
export interface EnvSources {
  /** Data of a ConfigMap or Secret: null when there is none, 'wait' while it is being read. */
  data(resource: 'configmaps' | 'secrets', name: string): Readonly<Record<string, string>> | null | 'wait'
  field(path: string): string
  resource(container: string, resource: string, divisor: string | undefined): string
  /** Variables of services; null while the services have not been read: then only static pods are started. */
  readonly services: Readonly<Record<string, string>> | null
}

/** Errors: the text of CreateContainerConfigError; 'wait' while an object is being read. */
export type Environment = { readonly env: Record<string, string> } | { readonly error: string } | 'wait'

/** The environment of a container. Upstream: kubelet_pods.go makeEnvironmentVariables */
export function makeEnvironmentVariables(pod: Pick<Pod, 'metadata'>, container: Container, from: EnvSources): Environment {
  const ns = pod.metadata.namespace ?? ''
  const env: Record<string, string> = {}
  const services = from.services ?? (isStaticPod(pod) ? none : null)
  if (services === null) return { error: 'services have not yet been read at least once, cannot construct envvars' }
  for (const source of container.envFrom ?? []) {
    const ref = source.configMapRef ?? source.secretRef
    if (ref === undefined) continue
    const map = source.configMapRef !== undefined
    const data = from.data(map ? 'configmaps' : 'secrets', ref.name ?? '')
    if (data === 'wait') return 'wait'
    if (data === null) {
      if (ref.optional) continue
      return { error: `${map ? 'configmap' : 'secret'} "${ref.name ?? ''}" not found` }
    }
    for (const k of Object.keys(data).sort()) {
      const name = (source.prefix ?? '') + k
      if (name !== '' && !name.includes('=')) env[name] = data[k] as string
    }
  }
  // `$(NAME)` sees what was defined before it, and the services.
  const known: Record<string, string> = { ...services, ...env }
  for (const v of container.env ?? []) {
    let value: string
    const source = v.valueFrom
    if (v.value !== undefined && v.value !== '') value = expand(v.value, known)
    else if (source === undefined) value = ''
    else if (source.fieldRef) value = from.field(source.fieldRef.fieldPath)
    else if (source.resourceFieldRef) value = from.resource(source.resourceFieldRef.containerName || container.name, source.resourceFieldRef.resource, source.resourceFieldRef.divisor as string | undefined)
    else {
      const ref = source.configMapKeyRef ?? source.secretKeyRef
      if (ref === undefined) continue
      const map = source.configMapKeyRef !== undefined
      const data = from.data(map ? 'configmaps' : 'secrets', ref.name ?? '')
      if (data === 'wait') return 'wait'
      if (data === null) {
        if (ref.optional) continue
        return { error: `${map ? 'configmap' : 'secret'} "${ref.name ?? ''}" not found` }
      }
      const found = data[ref.key]
      if (found === undefined) {
        if (ref.optional) continue
        return { error: `couldn't find key ${ref.key} in ${map ? 'ConfigMap' : 'Secret'} ${ns}/${ref.name ?? ''}` }
      }
      value = found
    }
    known[v.name] = value
    env[v.name] = value
  }
  for (const name of Object.keys(services)) if (!(name in env)) env[name] = services[name] as string
  return { env }
}

/** The environment of a container on this node. */
export function environment(state: KubeletState, worker: PodWorker, container: Container, podIP: string, ctx: Ctx): Environment {
  const { pod } = worker
  return makeEnvironmentVariables(pod, container, {
    data: (resource, name) => objectData(state, worker.uid, resource, pod.metadata.namespace ?? '', name, ctx),
    field: (path) => fieldValue(state, pod, path, podIP),
    resource: (name, resource, divisor) => resourceValue(state, [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].find((c) => c.name === name) ?? container, resource, divisor),
    services: state.withServices ? serviceVariables(state, pod) : none,
  })
}
