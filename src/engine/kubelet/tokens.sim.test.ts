import { describe, expect, test } from 'vitest'
import type { Pod } from '../api'
import type { KubeObject } from '../apimachinery'
import { recordedPreset } from '../cluster'
import { Terminal } from '../cluster/terminal.testing'

const pod = (name: string, more = '') => `apiVersion: v1
kind: Pod
metadata: {name: ${name}}
spec:
  ${more}
  containers: [{name: c, image: busybox:1.36, command: [sleep, infinity]}]
`
const short = (seconds: number) => `apiVersion: v1
kind: Pod
metadata: {name: short}
spec:
  volumes: [{name: t, projected: {sources: [{serviceAccountToken: {path: vault, audience: vault.example, expirationSeconds: ${seconds}}}]}}]
  containers: [{name: c, image: busybox:1.36, command: [sleep, infinity], volumeMounts: [{name: t, mountPath: /t}]}]
`

interface Claims {
  readonly aud: readonly string[]
  readonly exp: number
  readonly iat: number
  readonly sub: string
  readonly 'kubernetes.io': { readonly warnafter?: number; readonly [k: string]: unknown }
}
const claims = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Claims
const dir = '/var/run/secrets/kubernetes.io/serviceaccount'

describe("a service account's token", () => {
  test('is asked for by the kubelet, bound to its pod, and lies in the volume with certificate and namespace', () => {
    const t = new Terminal()
    t.type('kubectl apply -f -', pod('p'))
    t.run(8)
    const c = claims(t.type(`kubectl exec p -- cat ${dir}/token`))
    const object = t.object<Pod & KubeObject>('pods', 'default', 'p')
    expect(c).toMatchObject({ aud: ['https://kubernetes.default.svc.cluster.local'], sub: 'system:serviceaccount:default:default', 'kubernetes.io': { namespace: 'default', pod: { name: 'p', uid: object?.metadata.uid }, node: { name: object?.spec.nodeName }, serviceaccount: { name: 'default' } } })
    // Good for a year, and warned of after an hour.
    expect(c.exp - c.iat).toBe(365 * 24 * 3600)
    expect(c['kubernetes.io'].warnafter).toBe(c.iat + 3607)
    expect(t.type(`kubectl exec p -- cat ${dir}/namespace`)).toBe('default')
    expect(t.type(`kubectl exec p -- cat ${dir}/ca.crt`)).toContain('BEGIN CERTIFICATE')
  })

  test('is renewed at four fifths of its life, also after a restart of the kubelet', () => {
    const t = new Terminal()
    t.type('kubectl apply -f -', short(600))
    t.run(8)
    const read = () => claims(t.type('kubectl exec short -- cat /t/vault'))
    const first = read()
    expect(first).toMatchObject({ aud: ['vault.example'] })
    expect(first.exp - first.iat).toBe(600)
    t.run(420)
    expect(read().iat).toBe(first.iat)
    t.run(150)
    const second = read()
    expect(second.iat).toBeGreaterThan(first.iat + 460)
    expect(second.iat).toBeLessThan(first.iat + 575)
    const node = t.object<Pod & KubeObject>('pods', 'default', 'short')?.spec.nodeName as string
    t.fault({ kind: 'kubelet-stop', node }).run(20).fault({ kind: 'kubelet-start', node }).run(120)
    expect(read().iat).toBeGreaterThan(second.iat)
  })

  test('that cannot be had keeps a pod from starting, in the words of the server', () => {
    const t = new Terminal()
    t.type('kubectl create serviceaccount builder')
    t.type('kubectl apply -f -', pod('p', 'serviceAccountName: builder\n  nodeSelector: {later: "yes"}'))
    t.type('kubectl delete serviceaccount builder')
    t.type('kubectl label node node-1 later=yes')
    t.run(30)
    expect(t.object<Pod & KubeObject>('pods', 'default', 'p')?.status?.phase).toBe('Pending')
    expect(t.events('p').some((e) => /^FailedMount: MountVolume\.SetUp failed for volume "kube-api-access-\w{5}" : failed to fetch token: serviceaccounts "builder" (not found|is forbidden: .*)$/.test(e))).toBe(true)
    t.type('kubectl create serviceaccount builder')
    expect(t.until(() => t.object<Pod & KubeObject>('pods', 'default', 'p')?.status?.phase === 'Running', 40)).toBe(true)
  })
})

test('the root certificate is kubeadm\'s, or what an API server without any made: its own and the CA behind it', () => {
  const certificates = (t: Terminal) => t.type("kubectl get cm kube-root-ca.crt -o jsonpath='{.data}'").match(/BEGIN CERTIFICATE/g)?.length
  expect([certificates(new Terminal()), certificates(new Terminal(recordedPreset(1)))]).toEqual([1, 2])
})
