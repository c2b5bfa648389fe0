import { describe, expect, it } from 'vitest'
import { MS, SECOND, Simulation, type Behaviour, type Message } from '../sim'
import { newNetwork, transport } from '../network'
import { containerd, disk } from '../cri'
import { changesOf, fakeApiserver } from './fake-apiserver.testing'
import { kubelet } from './kubelet'

const behaviours = [fakeApiserver, kubelet, containerd, disk] as unknown as readonly Behaviour<never, never>[]

function boot(over: object = {}) {
  const sim = new Simulation({ seed: 7, epoch: 1_767_258_000_000_000, behaviours, transport, network: newNetwork() })
  const params = { node: { name: 'node-1', labels: { zone: 'z' }, cpuMillis: 1000, memoryBytes: 3840 * 1024 * 1024, maxPods: 110, images: ['nginx:1.25'] }, syncSeconds: 10, pull: { fixedMs: 1200 }, immediateStop: true, ...over }
  sim.act(0, (ctx) => {
    ctx.spawn('kube-apiserver', 'kube-apiserver', 'control-plane', null)
    ctx.spawn('containerd@node-1', 'containerd', 'node-1', params)
    ctx.spawn('kubelet@node-1', 'kubelet', 'node-1', params)
  })
  sim.run(5 * SECOND)
  const put = (resource: string, object: unknown) => sim.post('kube-apiserver', { type: 'fake/put', resource, object } as Message)
  const changes = () => changesOf(sim.stateOf('kube-apiserver'))
  const object = (resource: string, name: string) => changes().filter((c) => c.resource === resource && c.object.metadata.name === name).at(-1)?.object
  return { sim, put, changes, object, params }
}

const volumes = [{ name: 'kube-api-access', projected: {} }]
const pod = (name: string, container: object, spec: object = {}) => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' },
  spec: { nodeName: 'node-1', restartPolicy: 'Always', terminationGracePeriodSeconds: 30, volumes, containers: [{ name: 'c', imagePullPolicy: 'IfNotPresent', ...container }], ...spec },
  status: { phase: 'Pending', qosClass: 'BestEffort', conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: '2026-01-01T09:00:00Z' }] },
})

type World = ReturnType<typeof boot>
const story = (w: World, name: string, from = 0) => w.changes().filter((c) => c.at >= from && (c.resource === 'pods' || c.resource === 'events') && (c.object.metadata.name === name || c.object.involvedObject?.name === name)).map((c) => {
  if (c.resource === 'events') return `${c.object.reason} x${c.object.count}`
  const s = c.object.status
  const cs = s.containerStatuses?.[0]
  const state = cs ? Object.keys(cs.state)[0] : 'none'
  return `${c.type} ${s.phase} ${state}${cs?.state?.[state as string]?.reason ? `/${cs.state[state as string].reason}` : ''}${cs?.restartCount ? ` r${cs.restartCount}` : ''}${cs?.ready ? ' ready' : ''}`
})

// Requests of one moment may overtake one another on the way: writes of status and events are compared apart, events without order.
const writes = (lines: readonly string[]) => lines.filter((l) => !l.includes(' x'))
const events = (lines: readonly string[]) => lines.filter((l) => l.includes(' x')).sort()

describe('a kubelet', () => {
  it('registers its node, becomes Ready and renews its Lease every 10 s', () => {
    const w = boot()
    const node = w.object('nodes', 'node-1')
    expect(node.metadata.labels).toMatchObject({ 'beta.kubernetes.io/os': 'linux', 'kubernetes.io/hostname': 'node-1', zone: 'z' })
    expect(node.status.capacity).toEqual({ cpu: '1', 'ephemeral-storage': '0', memory: '3840Mi', pods: '110' })
    w.sim.run(15 * SECOND)
    expect(w.object('nodes', 'node-1').status.conditions.find((c: any) => c.type === 'Ready')).toMatchObject({ status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' })
    w.sim.run(60 * SECOND)
    const leases = w.changes().filter((c) => c.resource === 'leases').map((c) => c.at)
    expect(leases.length).toBeGreaterThanOrEqual(6)
    for (let i = 1; i < leases.length; i++) expect((leases[i] as number) - (leases[i - 1] as number)).toBeLessThan(10.5 * SECOND)
  })

  it('runs a plain nginx to Ready with the writes of the recordings, and takes it down again', () => {
    const w = boot()
    w.put('pods', pod('web', { image: 'nginx:1.25' }))
    w.sim.run(9 * SECOND)
    expect(writes(story(w, 'web'))).toEqual(['ADDED Pending none', 'MODIFIED Pending waiting/ContainerCreating', 'MODIFIED Pending waiting/ContainerCreating', 'MODIFIED Running running ready'])
    expect(events(story(w, 'web'))).toEqual(['Created x1', 'Pulled x1', 'Started x1'])
    const web = w.object('pods', 'web')
    expect(web.status.podIP).toMatch(/^10\.244\.1\.\d+$/)
    expect(web.status.resources).toEqual({})
    expect(web.status.conditions.map((c: any) => `${c.type}=${c.status}`)).toEqual(['PodReadyToStartContainers=True', 'Initialized=True', 'Ready=True', 'ContainersReady=True', 'PodScheduled=True'])
    const at = w.sim.now
    w.put('pods', { ...web, metadata: { ...web.metadata, deletionTimestamp: '2026-01-01T09:00:09Z', deletionGracePeriodSeconds: 30 } })
    w.sim.run(12 * SECOND)
    expect(story(w, 'web', at)).toEqual(['MODIFIED Running running ready', 'Killing x1', 'MODIFIED Succeeded terminated', 'DELETED Succeeded terminated'])
    expect((w.sim.stateOf('containerd@node-1') as { pods: Map<string, unknown> }).pods.size).toBe(0)
  })

  it('backs off a container that crashes as upstream counts it', () => {
    const w = boot()
    w.put('pods', pod('crash', { image: 'busybox:1.36', args: ['sh', '-c', 'exit 1'] }))
    w.sim.run(20 * SECOND)
    const s = story(w, 'crash')
    expect(writes(s).slice(0, 6)).toEqual(['ADDED Pending none', 'MODIFIED Pending waiting/ContainerCreating', 'MODIFIED Pending waiting/ContainerCreating', 'MODIFIED Running running ready', 'MODIFIED Running terminated/Error', 'MODIFIED Running running r1 ready'])
    expect(s).toContain('BackOff x1')
    expect(s).toContain('Pulling x1')
    // Listings found news at each step of the start: the sync that the last of them asked for tells the back-off one second later, not at the next turn.
    const said = (what: string): number[] => w.changes().filter((c) => c.resource === 'pods' && Object.values(c.object.status.containerStatuses?.[0]?.state ?? {}).some((x: any) => x.reason === what) && c.object.status.containerStatuses[0].restartCount === 1).map((c) => c.at)
    expect((said('CrashLoopBackOff')[0] as number) - (said('Error')[0] as number)).toBeLessThan(1.1 * SECOND)
    w.sim.run(240 * SECOND)
    const starts = w.changes().filter((c) => c.resource === 'events' && c.object.reason === 'Started').map((c) => c.at / SECOND)
    const gaps = starts.slice(1).map((t, i) => t - (starts[i] as number))
    expect(gaps[0]).toBeLessThan(1.5)
    for (const [i, least] of [10, 20, 40, 80].entries()) {
      expect(gaps[i + 1]).toBeGreaterThanOrEqual(least)
      expect(gaps[i + 1]).toBeLessThan(least + 16)
    }
    // Later restarts come by the worker's own turn: their end is one piece of news, and the back-off is told with the turn after it.
    const second = w.changes().filter((c) => c.resource === 'pods' && c.object.status.containerStatuses?.[0]?.restartCount === 2)
    const at = (what: string): number => second.find((c) => Object.values(c.object.status.containerStatuses[0].state).some((x: any) => x.reason === what))?.at as number
    expect(at('CrashLoopBackOff') - at('Error')).toBeGreaterThan(8 * SECOND)
    expect(w.object('pods', 'crash').status.containerStatuses[0].state.waiting.message).toMatch(/^back-off (1m20s|2m40s) restarting failed container=c pod=crash_default\(uid-crash\)$/)
  })

  it('reports images that cannot be pulled and backs off', () => {
    const w = boot()
    w.put('pods', pod('bad', { image: 'nginx:does-not-exist' }))
    w.sim.run(40 * SECOND)
    const s = story(w, 'bad')
    expect(writes(s).slice(3, 5)).toEqual(['MODIFIED Pending waiting/ErrImagePull', 'MODIFIED Pending waiting/ImagePullBackOff'])
    expect(events(s).filter((l) => l.endsWith('x1'))).toEqual(['BackOff x1', 'Failed x1', 'Failed x1', 'Failed x1', 'Pulling x1'])
    expect(s).toContain('Pulling x2')
    const failed = w.changes().filter((c) => c.resource === 'events' && c.object.reason === 'Failed').map((c) => c.object.message)
    expect(failed[0]).toBe('Failed to pull image "nginx:does-not-exist": rpc error: code = NotFound desc = failed to pull and unpack image "nginx:does-not-exist": failed to resolve reference "nginx:does-not-exist": nginx:does-not-exist: not found')
  })

  it('restarts a container whose liveness probe is made to fail', () => {
    const w = boot()
    w.put('pods', pod('live', { image: 'nginx:1.25', livenessProbe: { httpGet: { path: '/healthz', port: 80 }, periodSeconds: 2, failureThreshold: 3 } }))
    w.sim.run(11 * SECOND)
    w.sim.post('kubelet@node-1', { type: 'kubelet/probe-override', namespace: 'default', pod: 'live', probe: 'liveness', ok: false } as Message)
    const at = w.sim.now
    w.sim.run(17 * SECOND)
    const s = story(w, 'live', at)
    expect(writes(s)).toEqual(['MODIFIED Running running r1 ready'])
    expect(events(s)).toEqual(['Created x2', 'Killing x1', 'Pulled x2', 'Started x2', 'Unhealthy x1', 'Unhealthy x2', 'Unhealthy x3'])
  })

  it('keeps containers running over its own restart, and starts them anew after a power-off', () => {
    const w = boot({ immediateStop: false })
    w.put('pods', pod('web', { image: 'nginx:1.25' }))
    w.sim.run(9 * SECOND)
    const before = w.object('pods', 'web').status
    w.sim.act(0, (ctx) => ctx.kill('kubelet@node-1'))
    w.sim.run(12 * SECOND)
    w.sim.act(0, (ctx) => ctx.spawn('kubelet@node-1', 'kubelet', 'node-1', w.params))
    w.sim.run(30 * SECOND)
    expect(w.object('pods', 'web').status.containerStatuses[0]).toMatchObject({ restartCount: 0, containerID: before.containerStatuses[0].containerID, ready: true })
    w.sim.act(0, (ctx) => {
      ctx.kill('kubelet@node-1')
      ctx.kill('containerd@node-1')
    })
    w.sim.run(40 * SECOND)
    w.sim.act(0, (ctx) => {
      ctx.spawn('containerd@node-1', 'containerd', 'node-1', w.params)
      ctx.spawn('kubelet@node-1', 'kubelet', 'node-1', w.params)
    })
    w.sim.run(60 * SECOND)
    const status = w.object('pods', 'web').status
    expect(status.containerStatuses[0]).toMatchObject({ restartCount: 1, ready: true, lastState: { terminated: { exitCode: 255, reason: 'Unknown' } } })
    expect(status.podIP).not.toBe('')
    expect(MS).toBe(1000)
  })
})

describe('containers of a pod', () => {
  const shell = (name: string, script: string, over: object = {}) => ({ name, image: 'busybox:1.36', imagePullPolicy: 'IfNotPresent', command: ['sh', '-c', script], ...over })
  const real = () => boot({ immediateStop: false })

  it('end without their turn when an init container fails for good: the pod\'s own containers go on waiting', () => {
    const w = boot({ immediateStop: false })
    w.put('pods', pod('doomed', {}, { restartPolicy: 'Never', initContainers: [shell('first', 'exit 3'), shell('second', 'true')], containers: [shell('c', 'sleep 5')] }))
    w.sim.run(20 * SECOND)
    const { phase, initContainerStatuses, containerStatuses } = w.object('pods', 'doomed').status
    expect([phase, containerStatuses[0].state.waiting?.reason]).toEqual(['Failed', 'PodInitializing'])
    expect(initContainerStatuses.map((s: any) => s.state.terminated?.exitCode ?? s.state.waiting?.reason)).toEqual([3, 'PodInitializing'])
  })

  it('run init containers one after the other, then a sidecar beside the main one, and stop the sidecar last', () => {
    const w = real()
    w.put('pods', pod('job', {}, { restartPolicy: 'Never', initContainers: [shell('first', 'sleep 2'), shell('side', 'sleep infinity', { restartPolicy: 'Always' })], containers: [shell('c', 'sleep 5; echo done')] }))
    w.sim.run(12 * SECOND)
    const status = w.object('pods', 'job').status
    expect(status.phase).toBe('Running')
    expect(status.initContainerStatuses.map((s: any) => [s.name, s.ready, Object.keys(s.state)[0]])).toEqual([['first', true, 'terminated'], ['side', true, 'running']])
    expect(status.conditions.find((c: any) => c.type === 'Initialized').status).toBe('True')
    w.sim.run(80 * SECOND)
    expect(w.object('pods', 'job').status.phase).toBe('Succeeded')
    const order = w.changes().filter((c) => c.resource === 'events' && c.object.reason === 'Started').map((c) => c.object.involvedObject.fieldPath)
    expect(order).toEqual(['spec.initContainers{first}', 'spec.initContainers{side}', 'spec.containers{c}'])
  })

  it("restarts the tutorial's container when its exec probe fails", () => {
    const w = real()
    w.put('pods', pod('liveness', {}, { containers: [shell('c', 'touch /tmp/healthy; sleep 30; rm -rf /tmp/healthy; sleep 600', { livenessProbe: { exec: { command: ['cat', '/tmp/healthy'] }, initialDelaySeconds: 5, periodSeconds: 5 } })] }))
    w.sim.run(40 * SECOND)
    expect(w.object('pods', 'liveness').status.containerStatuses[0].restartCount).toBe(0)
    w.sim.run(110 * SECOND)
    expect(w.object('pods', 'liveness').status.containerStatuses[0]).toMatchObject({ restartCount: 1, lastState: { terminated: { exitCode: 137, reason: 'Error' } } })
    expect(w.changes().filter((c) => c.resource === 'events').map((c) => c.object.message)).toContain("Liveness probe failed: cat: can't open '/tmp/healthy': No such file or directory\n")
  })

  it('wait for a ConfigMap that is not there, and start when it comes', () => {
    const w = real()
    w.put('pods', pod('cfg', { image: 'nginx:1.25', env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'conf', key: 'a' } } }] }))
    w.sim.run(10 * SECOND)
    expect(w.object('pods', 'cfg').status.containerStatuses[0].state.waiting).toEqual({ reason: 'CreateContainerConfigError', message: 'configmap "conf" not found' })
    expect(w.changes().filter((c) => c.resource === 'events').map((c) => c.object.message)).toContain('Error: configmap "conf" not found')
    w.put('configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'conf', namespace: 'default' }, data: { a: '1' } })
    w.sim.run(40 * SECOND)
    expect(w.object('pods', 'cfg').status.containerStatuses[0].ready).toBe(true)
  })

  it('get their grace period when they ignore SIGTERM, and no more', () => {
    const w = real()
    w.put('pods', pod('stubborn', {}, { terminationGracePeriodSeconds: 12, containers: [shell('c', 'sleep infinity')] }))
    w.sim.run(10 * SECOND)
    const p = w.object('pods', 'stubborn')
    w.put('pods', { ...p, metadata: { ...p.metadata, deletionTimestamp: '2026-01-01T09:00:22Z', deletionGracePeriodSeconds: 12 } })
    w.sim.run(21 * SECOND)
    expect(story(w, 'stubborn').at(-1)).not.toContain('DELETED')
    w.sim.run(26 * SECOND)
    expect(w.object('pods', 'stubborn').status.containerStatuses[0].state.terminated).toMatchObject({ exitCode: 137, reason: 'Error' })
    expect(story(w, 'stubborn').at(-1)).toContain('DELETED')
  })

  it('are refused when the node has no room', () => {
    const w = real()
    w.put('pods', pod('big', { image: 'nginx:1.25', resources: { requests: { cpu: '2' } } }))
    w.sim.run(7 * SECOND)
    expect(w.object('pods', 'big').status).toMatchObject({ phase: 'Failed', reason: 'OutOfcpu', message: "Pod was rejected: Node didn't have enough resource: cpu, requested: 2000, used: 0, capacity: 1000" })
  })

  it('have logs that can be asked for', () => {
    const w = real()
    w.put('pods', pod('talk', {}, { containers: [shell('c', 'echo one; echo two; sleep infinity')] }))
    w.sim.run(10 * SECOND)
    const kubeletState = w.sim.stateOf('containerd@node-1') as { pods: Map<string, { containers: { log: { text: string }[] }[] }> }
    expect([...kubeletState.pods.values()][0]?.containers[0]?.log.map((l) => l.text)).toEqual(['one', 'two'])
  })
})

describe('what a container finds', () => {
  const real = () => boot({ immediateStop: false })
  const put = (w: World, kind: string, name: string, data: object) => w.put(kind, { apiVersion: 'v1', kind: kind === 'secrets' ? 'Secret' : 'ConfigMap', metadata: { name, namespace: 'default' }, data })
  /** Reads a file in the newest container of that name. */
  const files = (w: World, name: string, container = 'c') => {
    const runtime = w.sim.stateOf('containerd@node-1') as { pods: Map<string, { name: string; containers: { view: { name: string }; files: { get(path: string): string | undefined } }[] }> }
    const found = [...runtime.pods.values()].find((p) => p.name === name)?.containers.findLast((c) => c.view.name === container)
    return (path: string) => found?.files.get(path)
  }
  const box = (over: object) => ({ image: 'busybox:1.36', command: ['sh', '-c', 'sleep infinity'], ...over })

  it('are the files of its volumes; whole mounts follow their ConfigMap, a subPath and the environment do not', () => {
    const w = real()
    put(w, 'configmaps', 'conf', { color: 'red' })
    put(w, 'secrets', 'sec', { pw: 'czNjcmV0' })
    w.put('pods', pod('p', {}, {
      containers: [{ name: 'c', ...box({ command: ['sh', '-c', 'echo $COLOR $(COLOR); sleep infinity'], env: [{ name: 'COLOR', valueFrom: { configMapKeyRef: { name: 'conf', key: 'color' } } }], volumeMounts: [{ name: 'conf', mountPath: '/conf' }, { name: 'conf', mountPath: '/one', subPath: 'color' }, { name: 'sec', mountPath: '/sec' }, { name: 'tmp', mountPath: '/tmp/shared' }] }) }, { name: 'd', ...box({ command: ['sh', '-c', 'echo hi > /x/f; echo no > /conf/color; sleep infinity'], volumeMounts: [{ name: 'tmp', mountPath: '/x' }, { name: 'conf', mountPath: '/conf' }] }) }],
      volumes: [{ name: 'conf', configMap: { name: 'conf' } }, { name: 'sec', secret: { secretName: 'sec' } }, { name: 'tmp', emptyDir: {} }],
    }))
    w.sim.run(10 * SECOND)
    const read = files(w, 'p')
    expect([read('/conf/color'), read('/one'), read('/sec/pw'), read('/tmp/shared/f')]).toEqual(['red', 'red', 's3cret', 'hi\n'])
    put(w, 'configmaps', 'conf', { color: 'blue' })
    w.sim.run(w.sim.now + 60 * SECOND)
    const later = files(w, 'p')
    expect([later('/conf/color'), later('/one')]).toEqual(['blue', 'red'])
  })

  it('is told what it waits for when a volume cannot be mounted', () => {
    const w = real()
    w.put('pods', pod('p', { image: 'nginx:1.25' }, { volumes: [{ name: 'x', secret: { secretName: 'nope' } }, { name: 'y', persistentVolumeClaim: { claimName: 'gone' } }] }))
    w.sim.run(30 * SECOND)
    const said = w.changes().filter((c) => c.resource === 'events' && c.object.reason === 'FailedMount').map((c) => c.object.message)
    expect(said).toContain('MountVolume.SetUp failed for volume "x" : secret "nope" not found')
    expect(said.some((m) => m.startsWith('Unable to attach or mount volumes: unmounted volumes=[x y], unattached volumes=[]') && m.endsWith('persistentvolumeclaims "gone" not found'))).toBe(true)
  })

  it('is killed with OOMKilled when it holds more than its limit', () => {
    const w = real()
    w.put('pods', pod('oom', {}, { restartPolicy: 'Never', containers: [{ name: 'c', image: 'polinux/stress', imagePullPolicy: 'IfNotPresent', command: ['stress'], args: ['--vm', '1', '--vm-bytes', '250M'], resources: { limits: { memory: '100Mi' } } }] }))
    w.sim.run(15 * SECOND)
    expect(w.object('pods', 'oom').status.containerStatuses[0].state.terminated).toMatchObject({ exitCode: 137, reason: 'OOMKilled' })
  })

  it('is evicted by a node that runs out of memory, and the node says so', () => {
    const w = real()
    const hog = (name: string, bytes: string) => w.put('pods', pod(name, {}, { containers: [{ name: 'c', image: 'polinux/stress', imagePullPolicy: 'IfNotPresent', command: ['stress'], args: ['--vm', '1', '--vm-bytes', bytes] }] }))
    hog('small', '1000M')
    hog('large', '2800M')
    w.sim.run(40 * SECOND)
    expect(w.object('pods', 'large').status).toMatchObject({ phase: 'Failed', reason: 'Evicted' })
    expect(w.object('pods', 'large').status.message).toContain('Container c was using 2801Mi, request is 0, has larger consumption of memory. ')
    expect(w.object('pods', 'small').status.phase).toBe('Running')
    expect(w.object('nodes', 'node-1').status.conditions.find((c: any) => c.type === 'MemoryPressure')).toMatchObject({ status: 'True', reason: 'KubeletHasInsufficientMemory' })
  })

  it('runs its hooks; preStop is part of the grace period, and a failed postStart ends the container', () => {
    const w = real()
    w.put('pods', pod('hooked', {}, { terminationGracePeriodSeconds: 20, containers: [{ name: 'c', ...box({ lifecycle: { postStart: { exec: { command: ['touch', '/started'] } }, preStop: { exec: { command: ['sleep', '8'] } } } }) }] }))
    w.put('pods', pod('broken', {}, { containers: [{ name: 'c', ...box({ lifecycle: { postStart: { exec: { command: ['cat', '/nope'] } } } }) }] }))
    w.sim.run(12 * SECOND)
    expect(files(w, 'hooked')('/started')).toBe('')
    const reasons = w.changes().filter((c) => c.resource === 'events' && c.object.involvedObject.name === 'broken').map((c) => c.object.reason)
    expect(reasons).toContain('FailedPostStartHook')
    const p = w.object('pods', 'hooked')
    const at = w.sim.now
    w.put('pods', { ...p, metadata: { ...p.metadata, deletionTimestamp: '2026-01-01T09:00:22Z', deletionGracePeriodSeconds: 20 } })
    w.sim.run(at + 18 * SECOND)
    expect(story(w, 'hooked').at(-1)).not.toContain('DELETED')
    w.sim.run(at + 24 * SECOND)
    expect(story(w, 'hooked').at(-1)).toContain('DELETED')
  })

  it('ends when its machine shuts down, critical pods last, and nothing new is taken', () => {
    const config = 'kind: KubeletConfiguration\nshutdownGracePeriod: 30s\nshutdownGracePeriodCriticalPods: 10s\n'
    const w = boot({ immediateStop: false, node: { name: 'node-1', cpuMillis: 1000, memoryBytes: 3840 * 1024 * 1024, maxPods: 110, images: ['nginx:1.25'], files: { '/var/lib/kubelet/config.yaml': config } } })
    w.put('pods', pod('plain', { image: 'nginx:1.25' }))
    w.put('pods', pod('slow', { image: 'busybox:1.36', command: ['sleep', 'infinity'] }))
    w.put('pods', pod('critical', { image: 'nginx:1.25' }, { priority: 2_000_001_000 }))
    w.sim.run(10 * SECOND)
    w.sim.post('kubelet@node-1', { type: 'kubelet/shutdown' } as Message)
    w.sim.run(20 * SECOND)
    expect(w.object('pods', 'plain').status).toMatchObject({ phase: 'Failed', reason: 'Terminated', message: 'Pod was terminated in response to imminent node shutdown.' })
    expect(w.object('pods', 'critical').status.phase).toBe('Running')
    w.put('pods', pod('late', { image: 'nginx:1.25' }))
    w.sim.run(36 * SECOND)
    expect(w.object('pods', 'critical').status).toMatchObject({ phase: 'Failed', reason: 'Terminated' })
    expect(w.object('pods', 'late').status).toMatchObject({ phase: 'Failed', reason: 'NodeShutdown' })
    expect(w.object('nodes', 'node-1').status.conditions.find((c: any) => c.type === 'Ready')).toMatchObject({ status: 'False', message: 'node is shutting down' })
  })

  it('may be joined by a container for debugging, which is started once', () => {
    const w = real()
    w.put('pods', pod('p', { image: 'nginx:1.25' }))
    w.sim.run(9 * SECOND)
    const p = w.object('pods', 'p')
    w.put('pods', { ...p, metadata: { ...p.metadata, generation: 2 }, spec: { ...p.spec, ephemeralContainers: [{ name: 'debug', image: 'busybox:1.36', imagePullPolicy: 'IfNotPresent', command: ['sh', '-c', 'exit 5'] }] } })
    w.sim.run(90 * SECOND)
    expect(w.object('pods', 'p').status.ephemeralContainerStatuses).toMatchObject([{ name: 'debug', restartCount: 0, state: { terminated: { exitCode: 5 } } }])
    expect(w.object('pods', 'p').status.phase).toBe('Running')
  })
})

describe('rules of restarts', () => {
  const shell = (name: string, script: string, over: object = {}) => ({ name, image: 'busybox:1.36', imagePullPolicy: 'IfNotPresent', command: ['sh', '-c', script], ...over })
  const rule = (action: string, code: number) => ({ restartPolicy: 'Never', restartPolicyRules: [{ action, exitCodes: { operator: 'In', values: [code] } }] })

  it('start a container again for its exit code alone', () => {
    const w = boot({ immediateStop: false })
    w.put('pods', pod('retry', {}, { restartPolicy: 'Never', containers: [shell('a', '[ -f /s/x ] && exit 3; touch /s/x; exit 42', { ...rule('Restart', 42), volumeMounts: [{ name: 's', mountPath: '/s' }] }), shell('b', 'exit 42')], volumes: [{ name: 's', emptyDir: {} }] }))
    w.sim.run(60 * SECOND)
    const [a, b] = w.object('pods', 'retry').status.containerStatuses
    expect(a).toMatchObject({ restartCount: 1, state: { terminated: { exitCode: 3 } }, lastState: { terminated: { exitCode: 42 } } })
    expect(b).toMatchObject({ restartCount: 0, state: { terminated: { exitCode: 42 } } })
    expect(w.object('pods', 'retry').status.phase).toBe('Failed')
  })

  it('let one container end and begin all of the pod anew, init containers first', () => {
    const w = boot({ immediateStop: false })
    w.put('pods', pod('gang', {}, {
      restartPolicy: 'Never', terminationGracePeriodSeconds: 2, initContainers: [shell('init', 'echo >> /s/starts')].map((c) => ({ ...c, volumeMounts: [{ name: 's', mountPath: '/s' }] })),
      containers: [shell('trigger', 'sleep 4; [ -f /s/x ] && sleep infinity; touch /s/x; exit 42', { ...rule('RestartAllContainers', 42), volumeMounts: [{ name: 's', mountPath: '/s' }] }), shell('bystander', 'sleep infinity')],
      volumes: [{ name: 's', emptyDir: {} }],
    }))
    const seen: string[] = []
    for (let t = 6; t < 40; t++) {
      w.sim.run(t * SECOND)
      const c = w.object('pods', 'gang').status.conditions.find((x: any) => x.type === 'AllContainersRestarting')?.status
      if (c !== undefined && c !== seen.at(-1)) seen.push(c)
    }
    expect(seen).toEqual(['False', 'True', 'False'])
    const { status } = w.object('pods', 'gang')
    expect(status.phase).toBe('Running')
    for (const s of status.containerStatuses) expect(s).toMatchObject({ restartCount: 1, ready: true, lastState: { terminated: { exitCode: 137, reason: 'RestartingAllContainers' } } })
    expect(status.initContainerStatuses[0]).toMatchObject({ restartCount: 1, state: { terminated: { exitCode: 0 } } })
  })
})
