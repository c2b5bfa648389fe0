import { beforeAll, describe, expect, test } from 'vitest'
import type { Pod } from '../api'
import type { KubeObject } from '../apimachinery'
import { Terminal } from '../cluster/terminal.testing'

type Shown = Pod & KubeObject
const get = (t: Terminal, name = 'web') => t.object<Shown>('pods', 'default', name) as Shown
const statuses = (t: Terminal) => get(t).status?.ephemeralContainerStatuses ?? []
const put = (t: Terminal, containers: object[]) => t.type(`kubectl patch pod web --subresource=ephemeralcontainers --type=merge -p '${JSON.stringify({ spec: { ephemeralContainers: containers } })}'`)

describe('a container for debugging', () => {
  let t: Terminal
  beforeAll(() => {
    t = new Terminal()
    t.type('kubectl run web --image=nginx:1.25')
    t.run(15)
  })

  test('joins a pod that runs, and is seen in it', () => {
    const out = t.type('kubectl debug web --image=busybox:1.36 --target=web -c box -- sleep 30')
    expect(out).toContain('Targeting container "web".')
    t.run(10)
    expect(get(t).spec.ephemeralContainers).toMatchObject([{ name: 'box', image: 'busybox:1.36', targetContainerName: 'web', command: ['sleep', '30'], terminationMessagePolicy: 'File' }])
    expect(statuses(t)).toMatchObject([{ name: 'box', restartCount: 0, state: { running: {} }, image: expect.stringContaining('busybox') }])
    expect(t.events('web').join('\n')).toContain('Started: Container started')
    expect(t.type('kubectl exec web -c box -- hostname')).toBe('web\n')
    expect(t.type('kubectl get pod web --no-headers')).toMatch(/web +1\/1 +Running +0/)
    expect(t.type('kubectl describe pod web')).toContain('Ephemeral Containers:\n  box:')
  })

  test('shares the network of the pod', () => {
    t.type('kubectl debug web --image=busybox:1.36 -c net -- sh -c "wget -qO- localhost; sleep 1000"')
    t.run(10)
    expect(t.type('kubectl logs web -c net')).toContain('Welcome to nginx!')
  })

  test('ends once: it is not started again, and the pod stays ready', () => {
    t.run(60)
    expect(statuses(t).find((s) => s.name === 'box')).toMatchObject({ restartCount: 0, ready: false, state: { terminated: { exitCode: 0, reason: 'Completed' } } })
    t.type('kubectl debug web --image=busybox:1.36 -c bad -- sh -c "exit 7"')
    t.run(60)
    expect(statuses(t).find((s) => s.name === 'bad')).toMatchObject({ restartCount: 0, state: { terminated: { exitCode: 7, reason: 'Error' } } })
    expect(get(t).status).toMatchObject({ phase: 'Running', conditions: expect.arrayContaining([expect.objectContaining({ type: 'Ready', status: 'True' })]) })
    expect(get(t).status?.containerStatuses).toMatchObject([{ restartCount: 0 }])
  })

  test('whose image is not to be had leaves the pod alone', () => {
    t.type('kubectl debug web --image=busybox:does-not-exist -c lost -- sleep 5')
    t.run(17) // the next sync tells of it: after 10 to 15 s
    expect(statuses(t).find((s) => s.name === 'lost')?.state?.waiting?.reason).toMatch(/^(ErrImagePull|ImagePullBackOff)$/)
    expect(t.type('kubectl get pod web --no-headers')).toMatch(/web +1\/1 +Running/)
  })

  test('may be neither changed nor taken away', () => {
    const had = get(t).spec.ephemeralContainers ?? []
    const removed = put(t, had.slice(1) as object[])
    expect(removed).toContain('The Pod "web" is invalid: spec.ephemeralContainers: Forbidden: existing ephemeral containers "box" may not be removed')
    const changed = put(t, had.map((c, i) => (i === 0 ? { ...c, image: 'alpine:3' } : c)) as object[])
    expect(changed).toContain('existing ephemeral containers "box" may not be changed')
    expect(get(t).spec.ephemeralContainers).toEqual(had)
  })

  test('has no ports, probes or resources, and a name of its own', () => {
    const had = (get(t).spec.ephemeralContainers ?? []) as object[]
    const refused = (c: object) => put(t, [...had, { name: 'x', image: 'busybox', terminationMessagePolicy: 'File', ...c }])
    expect(refused({ ports: [{ containerPort: 80 }] })).toContain('ports: Forbidden: cannot be set for an Ephemeral Container')
    expect(refused({ livenessProbe: { exec: { command: ['a'] } } })).toContain('livenessProbe: Forbidden: cannot be set for an Ephemeral Container')
    expect(refused({ resources: { limits: { cpu: '1' } } })).toContain('resources: Forbidden: cannot be set for an Ephemeral Container')
    expect(refused({ name: 'web' })).toContain('name: Duplicate value: "web"')
    expect(refused({ targetContainerName: 'nobody' })).toContain('targetContainerName: Not found: "nobody"')
  })

  test('does not come with a new pod, nor by its ordinary update', () => {
    const made = t.type('kubectl apply -f -', 'apiVersion: v1\nkind: Pod\nmetadata: {name: other}\nspec: {containers: [{name: a, image: nginx}], ephemeralContainers: [{name: b, image: busybox}]}\n')
    expect(made).toContain('spec.ephemeralContainers: Forbidden: cannot be set on create')
    expect(t.type(`kubectl patch pod web -p '{"spec":{"ephemeralContainers":[{"name":"z","image":"busybox"}]}}'`)).toMatch(/Forbidden: pod updates may not (change fields other than|add or remove)|not changed|no change/)
    expect(get(t).spec.ephemeralContainers?.some((c) => c.name === 'z')).toBe(false)
  })

  test('goes with its pod', () => {
    expect(t.type('kubectl delete pod web', undefined, 60)).toContain('pod "web" deleted')
    t.run(40)
    expect(get(t)).toBeUndefined()
  })
})
