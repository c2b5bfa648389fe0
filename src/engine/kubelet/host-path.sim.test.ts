import { describe, expect, test } from 'vitest'
import type { Pod } from '../api'
import type { KubeObject } from '../apimachinery'
import { Terminal } from '../cluster/terminal.testing'

const pod = (path: string, type: string, name = 'p') => `apiVersion: v1
kind: Pod
metadata: {name: ${name}}
spec: {nodeName: node-1, containers: [{name: c, image: busybox:1.36, command: [sleep, infinity], volumeMounts: [{name: h, mountPath: /h}]}], volumes: [{name: h, hostPath: {path: ${path}, type: ${type}}}]}
`
const phase = (t: Terminal, name = 'p') => t.object<Pod & KubeObject>('pods', 'default', name)?.status?.phase

describe('a volume that is a path of the machine', () => {
  const good: readonly (readonly [string, string])[] = [['/var/log', 'Directory'], ['/sys/fs/cgroup', 'Directory'], ['/etc/hosts', 'File'], ['/run/containerd/containerd.sock', 'Socket'], ['/var/run/containerd/containerd.sock', 'Socket'], ['/dev/null', 'CharDevice'], ['/data/new', 'DirectoryOrCreate'], ['/data/file', 'FileOrCreate'], ['/data/whatever', '""']]
  test('is what its type says, or is made', () => {
    const t = new Terminal()
    for (const [i, [path, type]] of good.entries()) t.type('kubectl apply -f -', pod(path, type, `p${i}`))
    t.run(20)
    for (const [i, [path, type]] of good.entries()) expect(phase(t, `p${i}`), `${path} ${type}`).toBe('Running')
    t.type("kubectl exec p6 -- sh -c 'echo hello > /h/f'")
    t.type('kubectl apply -f -', pod('/data/new/f', 'File', 'after'))
    t.run(10)
    expect(phase(t, 'after')).toBe('Running')
  })

  const bad: readonly (readonly [string, string, string])[] = [['/data', 'Directory', 'a directory'], ['/data/file', 'File', 'a file'], ['/etc/hosts', 'Directory', 'a directory'], ['/var/log', 'File', 'a file'], ['/etc/hosts', 'DirectoryOrCreate', 'a directory'], ['/var/run/docker.sock', 'Socket', 'a socket file'], ['/dev/sdz', 'BlockDevice', 'a block device']]
  for (const [path, type, what] of bad)
    test(`keeps its pod waiting when ${path} is not ${what}`, () => {
      const t = new Terminal()
      t.type('kubectl apply -f -', pod(path, type))
      t.run(20)
      expect(phase(t)).toBe('Pending')
      expect(t.events('p')).toContain(`FailedMount: MountVolume.SetUp failed for volume "h" : hostPath type check failed: ${path} is not ${what}`)
    })

  test('lets the pod start once the path is there', () => {
    const t = new Terminal()
    t.type('kubectl apply -f -', pod('/data/config', 'Directory'))
    t.run(10)
    t.fault({ kind: 'host-file', node: 'node-1', path: '/data/config/a', text: '1' }).run(15)
    expect(phase(t)).toBe('Running')
  })
})
