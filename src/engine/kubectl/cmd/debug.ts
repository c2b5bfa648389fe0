import { at, listAt, textAt, withField, type Thing } from '../api'
import { Fail, fail, problemOf } from '../errors'
import { flagSpecs } from '../flags'
import { podNamed } from '../pods'
import { pathOf } from '../rest-mapper'
import type { Command, Invocation } from '../verb'
import { attachTo } from './exec'
import { follow } from './logs'

const SUFFIX = 'bcdfghjklmnpqrstvwxz2456789'
const word = ({ io }: Invocation): string => Array.from({ length: 5 }, () => SUFFIX[io.draw(SUFFIX.length)]).join('')

/** `kubectl debug`: an ephemeral container, a copy of a pod, or a pod on a node. Upstream: kubectl/pkg/cmd/debug/debug.go */
export const debug: Command = {
  name: 'debug',
  complete: 'pod',
  flags: flagSpecs('arguments-only attach container/c:string copy-to:string custom:string env:array filename/f:list image:string image-pull-policy:string keep-annotations keep-init-containers=true keep-labels keep-liveness keep-readiness keep-startup profile:string=general quiet/q replace same-node set-image:array share-processes=true stdin/i target:string tty/t'),
  run(cmd) {
    const { flags, args, api, mapper, namespace } = cmd
    if (flags.string('image') === '' && !flags.has('copy-to')) throw fail('you must specify --image when not using --copy-to.')
    const [target] = args
    if (target === undefined || flags.dash === 0) throw fail('NAME is required for debug')
    const command = flags.dash < 0 ? args.slice(1) : args.slice(flags.dash)
    const slash = target.indexOf('/')
    const mapping = mapper.must(slash < 0 ? 'pods' : target.slice(0, slash))
    const image = flags.string('image')
    const env = flags.list('env').map((e) => ({ name: e.slice(0, e.indexOf('=')), value: e.slice(e.indexOf('=') + 1) }))
    const container = (name: string): Record<string, unknown> => ({
      ...(command.length > 0 ? { command } : {}), ...(env.length > 0 ? { env } : {}), image, ...(flags.has('image-pull-policy') ? { imagePullPolicy: flags.string('image-pull-policy') } : {}), name,
      resources: {}, ...(flags.bool('stdin') ? { stdin: true } : {}), terminationMessagePolicy: 'File', ...(flags.bool('tty') ? { tty: true } : {}),
    })
    if (mapping.kind === 'Node') {
      const node = api.get(pathOf(mapping, '', target.slice(slash + 1)))
      const name = `node-debugger-${node.metadata.name}-${word(cmd)}`
      const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels: { 'app.kubernetes.io/managed-by': 'kubectl-debug' } }, spec: { containers: [{ ...container('debugger'), volumeMounts: [{ mountPath: '/host', name: 'host-root' }] }], hostIPC: true, hostNetwork: true, hostPID: true, nodeName: node.metadata.name, restartPolicy: 'Never', tolerations: [{ operator: 'Exists' }], volumes: [{ hostPath: { path: '/' }, name: 'host-root' }] } }
      if (!flags.bool('quiet')) cmd.io.err(`Creating debugging pod ${name} with container debugger on node ${node.metadata.name}.\n`)
      return session(cmd, create(cmd, pod as unknown as Thing), 'debugger')
    }
    const { pod } = podNamed(cmd, target)
    const name = flags.string('container') || `debugger-${word(cmd)}`
    if (flags.has('copy-to')) return copy(cmd, pod, name, container(name), command)
    if (flags.has('target') && !listAt<{ name: string }>(pod, 'spec', 'containers').some((c) => c.name === flags.string('target'))) throw fail(`container ${flags.string('target')} is not valid for pod ${pod.metadata.name}`)
    if (!flags.bool('quiet')) {
      if (flags.has('target')) cmd.io.err(`Targeting container ${JSON.stringify(flags.string('target'))}. If you don't see processes from this container it may be because the container runtime doesn't support this feature.\n`)
      if (!flags.has('container')) cmd.io.err(`Defaulting debug container name to ${name}.\n`)
    }
    const added = { ...container(name), ...(flags.has('target') ? { targetContainerName: flags.string('target') } : {}) }
    const path = `/api/v1/namespaces/${namespace}/pods/${pod.metadata.name}`
    const response = api.try({ verb: 'patch', path: `${path}/ephemeralcontainers`, patchType: 'application/strategic-merge-patch+json', body: { spec: { ephemeralContainers: [added] } }, query: { fieldManager: 'kubectl-debug' } })
    if (response.code !== 200) throw response.code === 404 && at(response.body, 'details', 'name') === undefined ? fail('ephemeral containers are disabled for this cluster (error from server: "the server could not find the requested resource").') : new Fail([problemOf(response)])
    return session(cmd, response.body as Thing, name)
  },
}

function create(cmd: Invocation, pod: Thing): Thing {
  return cmd.api.must({ verb: 'create', path: `/api/v1/namespaces/${cmd.namespace}/pods`, body: pod, query: { fieldManager: 'kubectl-debug' } })
}

/** `--copy-to`: a pod like it, changed to be looked at. */
function copy(cmd: Invocation, pod: Thing, name: string, debugger_: Record<string, unknown>, command: readonly string[]): number {
  const { flags, api, namespace } = cmd
  const to = flags.string('copy-to')
  const images = new Map(flags.list('set-image').map((s) => s.split('=') as [string, string]))
  const kept = listAt<Record<string, unknown> & { name: string }>(pod, 'spec', 'containers').map((c) => {
    const { livenessProbe, readinessProbe, startupProbe, ...rest } = c
    return { ...rest, ...(flags.bool('keep-liveness') && livenessProbe ? { livenessProbe } : {}), ...(flags.bool('keep-readiness') && readinessProbe ? { readinessProbe } : {}), ...(flags.bool('keep-startup') && startupProbe ? { startupProbe } : {}), ...(images.has(c.name) ? { image: images.get(c.name) } : images.has('*') ? { image: images.get('*') } : {}) } as Record<string, unknown> & { name: string }
  })
  const own = flags.has('container') && kept.some((c) => c.name === flags.string('container'))
  const containers = own ? kept.map((c) => (c.name === name ? { ...c, ...(command.length > 0 ? { command, args: undefined } : {}), ...(flags.has('image') ? { image: flags.string('image') } : {}), ...(flags.bool('stdin') ? { stdin: true } : {}), ...(flags.bool('tty') ? { tty: true } : {}) } : c)) : flags.has('image') ? [...kept, debugger_] : kept
  if (!own && flags.has('image') && !flags.has('container') && !flags.bool('quiet')) cmd.io.err(`Defaulting debug container name to ${name}.\n`)
  const { nodeName, ephemeralContainers, initContainers, ...spec } = pod.spec as Record<string, unknown>
  void ephemeralContainers
  if (flags.bool('replace')) api.must({ verb: 'delete', path: `/api/v1/namespaces/${namespace}/pods/${pod.metadata.name}` })
  const made = create(cmd, {
    apiVersion: 'v1', kind: 'Pod', metadata: { name: to, namespace, ...(flags.bool('keep-labels') ? { labels: pod.metadata.labels } : {}), ...(flags.bool('keep-annotations') ? { annotations: pod.metadata.annotations } : {}) },
    spec: { ...spec, containers, ...(flags.bool('keep-init-containers') ? (initContainers ? { initContainers } : {}) : {}), ...(flags.bool('same-node') ? { nodeName } : {}), ...(flags.bool('share-processes') ? { shareProcessNamespace: true } : {}) },
  } as unknown as Thing)
  return session(cmd, withField(made, ['kind'], 'Pod'), own || flags.has('image') ? name : textAt(kept[0], 'name'))
}

/** Waits until the container runs, and attaches to it when that was asked for. */
export function session(cmd: Invocation, pod: Thing, container: string): number {
  if (!(cmd.flags.has('attach') ? cmd.flags.bool('attach') : cmd.flags.bool('stdin'))) return 0
  const running = cmd.api.until(`/api/v1/namespaces/${cmd.namespace}/pods`, pod.metadata.name, (cmd.flags.duration('pod-running-timeout') || 60_000_000), (o) => {
    if (o === undefined) return 'gone' as const
    const status = ['containerStatuses', 'ephemeralContainerStatuses'].flatMap((k) => listAt<{ name: string; state?: Record<string, unknown> }>(o, 'status', k)).find((s) => s.name === container)
    return status?.state?.['running'] || status?.state?.['terminated'] ? o : undefined
  })
  if (running === undefined) throw fail('timed out waiting for the condition')
  if (running === 'gone') throw fail(`pods "${pod.metadata.name}" not found`)
  // What has ended already is only read. Upstream: run.go handleAttachPod
  if (running.status?.['phase'] === 'Succeeded' || running.status?.['phase'] === 'Failed') {
    follow(cmd, running, container)
    return 0
  }
  return attachTo(cmd, running, container)
}
