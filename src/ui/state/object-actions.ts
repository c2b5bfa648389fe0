import type { ComponentRow, Fault, NodeRow, PodRow, WorkloadRow } from '../../bridge/protocol'
import type { Kubeloop } from './kubeloop'

/** Something that a person may do to an object now: a menu item, a quick action, a key. */
export interface ObjectAction {
  readonly id: string
  readonly label: string
  /** Key that does it while the object has the focus. */
  readonly key?: string | undefined
  /** The kubectl line that it is, where kubectl has one. */
  readonly command?: string | undefined
  readonly danger?: boolean | undefined
  readonly run: () => void
}

/** Runs a kubectl line as if it had been typed; shows it to the learner, with a way back when it destroys something. */
export function runKubectl(kubeloop: Kubeloop, text: string, line: string, options: { stdin?: string; undo?: boolean } = {}): void {
  kubeloop.input({ type: 'kubectl', line, stdin: options.stdin })
  kubeloop.toast({ tone: 'plain', text, command: line, undo: options.undo })
}

/** Breaks or mends something, with a way back. */
export function causeFault(kubeloop: Kubeloop, text: string, fault: Fault): void {
  kubeloop.input({ type: 'fault', fault })
  kubeloop.toast({ tone: 'plain', text, undo: true })
}

/** Sending requests from a pod or node (`pod/…`, `node/…`), or to a Service (`service/key`). */
export function requestActions(kubeloop: Kubeloop, key: string): readonly ObjectAction[] {
  if (!kubeloop.slots.dialogs.some(({ id }) => id === 'send-request')) return []
  return [{ id: 'request', label: key.startsWith('service/') ? 'Send a request' : 'Send a request from here', run: () => kubeloop.setUi({ dialog: { name: 'send-request', key } }) }]
}

/** What can be done to a node, the most likely first. */
export function nodeActions(kubeloop: Kubeloop, node: NodeRow): readonly ObjectAction[] {
  const name = node.key
  const { power, link, kubelet } = node.truth
  const fault = (id: string, label: string, done: string, kind: 'node-down' | 'node-shutdown' | 'node-up' | 'kubelet-stop' | 'kubelet-start' | 'partition' | 'heal' | 'node-remove', key?: string): ObjectAction => ({
    id, label, key, danger: kind === 'node-down' || kind === 'node-shutdown' || kind === 'node-remove', run: () => causeFault(kubeloop, done, { kind, node: name }),
  })
  const kubectl = (id: string, label: string, done: string, command: string, key?: string, undo = false): ObjectAction => ({
    id, label, key, command, danger: undo, run: () => runKubectl(kubeloop, done, command, { undo }),
  })
  return [
    power ? fault('power', 'Power off', `${name} was powered off`, 'node-down', 'K') : fault('power', 'Power on', `${name} was powered on`, 'node-up', 'K'),
    node.unschedulable
      ? kubectl('cordon', 'Uncordon', `${name} takes new pods again`, `kubectl uncordon ${name}`, 'C')
      : kubectl('cordon', 'Cordon', `${name} takes no new pods`, `kubectl cordon ${name}`, 'C'),
    kubectl('drain', 'Drain', `Draining ${name}`, `kubectl drain ${name} --ignore-daemonsets --delete-emptydir-data --force`, 'D', true),
    ...(power
      ? [
          fault('shutdown', 'Shut down', `${name} was told to shut down`, 'node-shutdown'),
          kubelet ? fault('kubelet', 'Crash kubelet', `The kubelet of ${name} was stopped`, 'kubelet-stop') : fault('kubelet', 'Start kubelet', `The kubelet of ${name} was started`, 'kubelet-start'),
          proxyAction(kubeloop, node),
          link ? fault('link', 'Partition from API', `${name} was cut off from the API server`, 'partition') : fault('link', 'Join to API again', `${name} reaches the API server again`, 'heal'),
        ]
      : []),
    ...(power ? requestActions(kubeloop, `node/${name}`) : []),
    kubectl('delete', 'Delete node object', `The record of ${name} is deleted`, `kubectl delete node ${name}`, undefined, true),
    ...(node.roles.includes('control-plane') ? [] : [fault('remove', 'Remove machine', `${name} was removed`, 'node-remove')]),
    ...yamlAction(kubeloop, { kind: 'node', key: name }),
  ]
}

/** A proxy that hangs keeps its rules and misses every change. */
function proxyAction(kubeloop: Kubeloop, { key, truth: { kubeProxy } }: NodeRow): ObjectAction {
  return kubeProxy
    ? { id: 'proxy', label: 'Stop kube-proxy', danger: true, run: () => causeFault(kubeloop, `kube-proxy on ${key} misses every change from now on`, { kind: 'kube-proxy-stop', node: key }) }
    : { id: 'proxy', label: 'Start kube-proxy', run: () => causeFault(kubeloop, `kube-proxy on ${key} goes on`, { kind: 'kube-proxy-start', node: key }) }
}

/** What can be done to a pod. */
export function podActions(kubeloop: Kubeloop, pod: PodRow): readonly ObjectAction[] {
  const target = `pod ${pod.name}${inNamespace(pod.namespace)}`
  const running = pod.container === 'none' || pod.container.startsWith('Running')
  const probe = (which: 'liveness' | 'readiness', ok: boolean, label: string, done: string): ObjectAction => ({
    id: `${which}-${ok}`, label, danger: !ok,
    run: () => causeFault(kubeloop, done, { kind: 'probe', pod: pod.name, namespace: pod.namespace, probe: which, ok }),
  })
  return [
    {
      id: 'delete', label: 'Delete', key: 'Delete', danger: true, command: `kubectl delete ${target}`,
      run: () => runKubectl(kubeloop, `Deleting ${pod.name}`, `kubectl delete ${target}`, { undo: true }),
    },
    {
      id: 'force', label: 'Force delete', danger: true, command: `kubectl delete ${target} --grace-period=0 --force`,
      run: () => runKubectl(kubeloop, `${pod.name} is deleted without waiting`, `kubectl delete ${target} --grace-period=0 --force`, { undo: true }),
    },
    ...(running && pod.phase === 'Running' && !pod.deleting
      ? [
          probe('readiness', false, 'Fail readiness probe', `The readiness probe of ${pod.name} fails from now on`),
          probe('readiness', true, 'Mend readiness probe', `The readiness probe of ${pod.name} succeeds from now on`),
          probe('liveness', false, 'Fail liveness probe', `The liveness probe of ${pod.name} fails from now on`),
          probe('liveness', true, 'Mend liveness probe', `The liveness probe of ${pod.name} succeeds from now on`),
        ]
      : []),
    ...(running && pod.phase === 'Running' ? requestActions(kubeloop, `pod/${pod.namespace}/${pod.name}`) : []),
    ...yamlAction(kubeloop, { kind: 'pod', key: pod.key }),
  ]
}

const scalable: ReadonlySet<string> = new Set(['Deployment', 'ReplicaSet', 'StatefulSet', 'ReplicationController'])
const withImage: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'ReplicationController'])
const restartable: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet'])

/** True when − and + mean something for this workload. */
export function isScalable(workload: WorkloadRow): boolean {
  return scalable.has(workload.kind) && workload.owner === null
}

/** Sets the number of replicas. */
export function scaleTo(kubeloop: Kubeloop, workload: WorkloadRow, replicas: number): void {
  if (replicas < 0) return
  const line = `kubectl scale ${workload.kind.toLowerCase()} ${workload.name}${inNamespace(workload.namespace)} --replicas=${replicas}`
  runKubectl(kubeloop, `${workload.name}: ${replicas} replica${replicas === 1 ? '' : 's'} wanted`, line)
}

/** What can be done to a workload. */
export function workloadActions(kubeloop: Kubeloop, workload: WorkloadRow): readonly ObjectAction[] {
  const kind = workload.kind.toLowerCase()
  const object = `${kind} ${workload.name}${inNamespace(workload.namespace)}`
  const hasDialog = (name: string) => kubeloop.slots.dialogs.some((slot) => slot.id === name)
  const kubectl = (id: string, label: string, text: string, command: string, danger = false): ObjectAction => ({
    id, label, command, danger, run: () => runKubectl(kubeloop, text, command, { undo: danger }),
  })
  return [
    ...(isScalable(workload)
      ? [
          { id: 'scale-up', label: 'One replica more', key: '+', run: () => scaleTo(kubeloop, workload, workload.desired + 1) },
          ...(workload.desired > 0 ? [{ id: 'scale-down', label: 'One replica less', key: '-', run: () => scaleTo(kubeloop, workload, workload.desired - 1) }] : []),
        ]
      : []),
    ...(withImage.has(workload.kind) && hasDialog('set-image')
      ? [{ id: 'image', label: 'Set image…', run: () => kubeloop.setUi({ dialog: { name: 'set-image', key: workload.key } }) }]
      : []),
    ...(restartable.has(workload.kind) ? [kubectl('restart', 'Restart', `Restarting ${workload.name}`, `kubectl rollout restart ${object}`)] : []),
    ...(workload.kind === 'Deployment'
      ? [
          kubectl('undo', 'Roll back', `Rolling ${workload.name} back`, `kubectl rollout undo ${object}`),
          workload.paused
            ? kubectl('pause', 'Resume rollout', `${workload.name} rolls out again`, `kubectl rollout resume ${object}`)
            : kubectl('pause', 'Pause rollout', `The rollout of ${workload.name} is paused`, `kubectl rollout pause ${object}`),
        ]
      : []),
    kubectl('delete', 'Delete', `Deleting ${workload.name}`, `kubectl delete ${object}`, true),
    ...yamlAction(kubeloop, { kind: 'workload', key: workload.key }),
  ]
}

/** What can be done to a control-plane component or an etcd member (`name` is the member's then). */
export function componentActions(kubeloop: Kubeloop, name: string, state: ComponentRow['state']): readonly ObjectAction[] {
  const down = state === 'down'
  const fault = (id: string, label: string, done: string, kind: 'component-down' | 'component-up' | 'component-crash', key: string): ObjectAction => ({
    id, label, key, danger: kind !== 'component-up', run: () => causeFault(kubeloop, done, { kind, component: name }),
  })
  return [
    ...(down || state === 'crashed' ? [] : [fault('crash', 'Crash', `${name} crashed; it is started again`, 'component-crash', 'K')]),
    down ? fault('stop', 'Start', `${name} was started`, 'component-up', 'S') : fault('stop', 'Stop', `${name} was stopped`, 'component-down', 'S'),
  ]
}

function yamlAction(kubeloop: Kubeloop, selection: { kind: 'node' | 'pod' | 'workload'; key: string }): readonly ObjectAction[] {
  if (!kubeloop.slots.inspectorTabs.some((tab) => tab.id === 'yaml')) return []
  return [
    {
      id: 'yaml', label: 'YAML', key: 'E',
      run: () => {
        kubeloop.select(selection)
        kubeloop.setUi({ inspectorTab: 'yaml' })
      },
    },
  ]
}

/** ` -n name`, or nothing for the namespace that kubectl takes by itself. */
export function inNamespace(namespace: string): string {
  return namespace === 'default' ? '' : ` -n ${namespace}`
}
