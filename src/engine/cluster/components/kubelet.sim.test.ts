import { describe, expect, test } from 'vitest'
import type { Node } from '../../api'
import type { KubeObject } from '../../apimachinery'
import { Terminal } from '../terminal.testing'

const ready = (t: Terminal) => t.object<Node & KubeObject>('nodes', '', 'node-1')?.status?.conditions?.find((c) => c.type === 'Ready')?.status
const ssh = (t: Terminal, line: string) => t.type(`ssh node-1 "${line}"`)

describe('a kubelet', () => {
  const cases: readonly (readonly [string, string, string, string])[] = [
    ['certificate that is not there', '/var/lib/kubelet/config.yaml', 's/ca.crt/WRONG-CA-FILE.crt/', 'unable to load client CA file /etc/kubernetes/pki/WRONG-CA-FILE.crt: open /etc/kubernetes/pki/WRONG-CA-FILE.crt: no such file or directory'],
    ['file that is no YAML', '/var/lib/kubelet/config.yaml', 's/^kind:/kind/', 'failed to load kubelet config file, path: /var/lib/kubelet/config.yaml'],
    ['setting that contradicts another', '/var/lib/kubelet/config.yaml', 's/CriticalPods: 0s/CriticalPods: 9s/', 'failed to validate kubelet configuration, error: invalid configuration: shutdownGracePeriodCriticalPods'],
  ]
  for (const [what, path, script, says] of cases)
    test(`with a ${what} is started again and again, and its journal says why`, () => {
      const t = new Terminal()
      ssh(t, `cp ${path} /root/kept`)
      ssh(t, `sed -i '${script}' ${path}`)
      t.run(60)
      // What runs does not look at its file.
      expect(ready(t)).toBe('True')
      ssh(t, 'systemctl restart kubelet')
      t.run(70)
      expect(ready(t)).toBe('Unknown')
      expect(t.cluster.nodeTruth('node-1').kubelet).toBe(false)
      expect(ssh(t, 'systemctl status kubelet')).toContain('Active: activating (auto-restart) (Result: exit-code)')
      expect(ssh(t, 'journalctl -u kubelet')).toContain(says)
      ssh(t, `cp /root/kept ${path}`)
      t.run(30)
      expect(ready(t)).toBe('True')
    })

  test('that is sent to a wrong port runs, but nobody hears of it, until it is started anew', () => {
    const t = new Terminal()
    ssh(t, "sed -i s/:6443/:6553/ /etc/kubernetes/kubelet.conf; systemctl restart kubelet")
    t.run(70)
    expect(ready(t)).toBe('Unknown')
    expect(ssh(t, 'journalctl -u kubelet')).toContain('dial tcp 10.0.0.10:6553: connect: connection refused')
    expect(ssh(t, 'systemctl is-active kubelet')).toContain('active')
    ssh(t, "sed -i s/:6553/:6443/ /etc/kubernetes/kubelet.conf")
    t.run(30)
    expect(ready(t)).toBe('Unknown')
    ssh(t, 'systemctl restart kubelet')
    t.run(20)
    expect(ready(t)).toBe('True')
  })

  test('comes up with its machine', () => {
    const t = new Terminal()
    t.fault({ kind: 'node-down', node: 'node-1' }).run(70).fault({ kind: 'node-up', node: 'node-1' }).run(60)
    expect(ready(t)).toBe('True')
  })
})

test('the control plane is mended on its own machine while nobody answers', () => {
  const t = new Terminal()
  const on = (line: string) => t.type(`ssh control-plane "${line}"`)
  on("sed -i 's#--etcd-servers=.*#--etcd-servers=https://127.0.0.1:2378#' /etc/kubernetes/manifests/kube-apiserver.yaml")
  t.run(60)
  expect(t.type('kubectl get nodes')).toContain('The connection to the server 10.0.0.10:6443 was refused - did you specify the right host or port?')
  const id = on('crictl ps -a --name kube-apiserver -q').trim().split('\n').at(-1) as string
  expect(on(`crictl logs ${id}`)).toContain('dial tcp 127.0.0.1:2378: connect: connection refused')
  on('sed -i s/2378/2379/ /etc/kubernetes/manifests/kube-apiserver.yaml')
  t.run(60)
  expect(t.type('kubectl get nodes')).toContain('Ready')
})
