import type { Ctx } from '../sim'
import { isEmulated } from '../cri'
import { knownData, objectData } from './objects'
import { podReference } from './pod'
import type { KubeletState, PodWorker } from './state'

/** Secrets with which a pod's images are pulled: looked for at each sync; those that are not there are told of. Upstream: kubelet_pods.go getPullSecretsForPod */
export function lookForPullSecrets(state: KubeletState, worker: PodWorker, ctx: Ctx): void {
  const names = worker.pod.spec.imagePullSecrets
  if (names === undefined || names.length === 0) return
  const missing: string[] = []
  let waits = false
  for (const { name = '' } of names) {
    if (name === '') continue
    const data = objectData(state, worker.uid, 'secrets', worker.pod.metadata.namespace ?? '', name, ctx)
    if (data === 'wait') waits = true
    else if (data === null) missing.push(name)
  }
  // The answers come at once; then all is told together.
  if (waits) return void state.pullSecretsAsked.add(worker.uid)
  state.pullSecretsAsked.delete(worker.uid)
  if (missing.length > 0) state.recorder.event(ctx, podReference(worker.pod), 'Warning', 'FailedToRetrieveImagePullSecret', `Unable to retrieve some image pull secrets (${missing.join(', ')}); attempting to pull the image may not succeed.`)
}

interface DockerConfig {
  readonly auths?: Readonly<Record<string, unknown>>
}

/** Registries that a pod's secrets open, as image names have them. Upstream: pkg/credentialprovider/secrets, keyring.go */
export function registriesOf(state: KubeletState, worker: PodWorker): readonly string[] {
  if (isEmulated(state.params)) return none
  const out: string[] = []
  for (const { name = '' } of worker.pod.spec.imagePullSecrets ?? []) {
    const data = name === '' ? null : knownData(state, 'secrets', worker.pod.metadata.namespace ?? '', name)
    if (data === null) continue
    for (const text of [data['.dockerconfigjson'], data['.dockercfg']]) for (const server of Object.keys(authsOf(text))) out.push(hostOf(server))
  }
  return out
}

const none: readonly string[] = []

function authsOf(text: string | undefined): Readonly<Record<string, unknown>> {
  if (text === undefined) return {}
  try {
    const config = JSON.parse(text) as DockerConfig & Record<string, unknown>
    return config.auths ?? config
  } catch {
    return {}
  }
}

/** `https://index.docker.io/v1/` is Docker Hub's name for itself. */
function hostOf(server: string): string {
  const host = server.replace(/^https?:\/\//, '').replace(/\/.*$/, '')
  return host === 'index.docker.io' || host === 'registry-1.docker.io' ? 'docker.io' : host
}
