import { describe, expect, test } from 'vitest'
import { Terminal } from '../cluster/terminal.testing'

const pod = (security: string, container = '') => `apiVersion: v1
kind: Pod
metadata: {name: p, labels: {a: b}}
spec:
  securityContext: {${security}}
  volumes: [{name: v, emptyDir: {}}, {name: l, downwardAPI: {items: [{path: labels, fieldRef: {fieldPath: metadata.labels}}]}}]
  containers: [{name: c, image: "busybox:1.36", command: [sh, -c, "sleep 1h"], volumeMounts: [{name: v, mountPath: /data/demo}, {name: l, mountPath: /info}]${container}}]
`
function shown(security: string, container = '', t = new Terminal()): (command: string) => string {
  t.type('kubectl apply -f -', pod(security, container))
  t.run(15)
  return (command) => t.type(`kubectl exec p -- sh -c '${command}'`)
}

describe('who a container is', () => {
  test('is what its pod says, in its processes and in its files', () => {
    const t = new Terminal()
    const run = shown('runAsUser: 1000, runAsGroup: 3000, fsGroup: 2000, supplementalGroups: [4000]', '', t)
    expect(t.type("kubectl get pod p -o jsonpath='{.status.containerStatuses[0].user}'")).toBe('{"linux":{"gid":3000,"supplementalGroups":[2000,3000,4000],"uid":1000}}')
    expect(run('id')).toBe('uid=1000 gid=3000 groups=2000,3000,4000\n')
    expect(run('id -u; id -g; id -G')).toBe('1000\n3000\n2000 3000 4000\n')
    expect(run('ps')).toMatch(/\n +1 1000 +0:00 sh -c sleep 1h\n/)
    expect(run('ls -l /data')).toMatch(/drwxrwsrwx +1 root +2000 +4096 .* demo\n/)
    expect(run('cd /data/demo; echo hello > testfile; ls -l')).toMatch(/-rw-r--r-- +1 1000 +2000 +6 .* testfile\n/)
    expect(run('touch /tmp/own; ls -l /tmp')).toMatch(/-rw-r--r-- +1 1000 +3000 +0 .* own\n/)
    expect(run('ls -l /info')).toMatch(/ 1 root +2000 +\d+ .* labels\n/)
  })

  test('is root where nothing is said, and what the container says first', () => {
    expect(shown('')('id; ls -l /data')).toMatch(/^uid=0\(root\) gid=0\(root\) groups=0\(root\)\n[\s\S]*drwxrwxrwx +1 root +root +4096 .* demo\n/)
    expect(shown('runAsUser: 1000', ', securityContext: {runAsUser: 2000}')('id')).toBe('uid=2000 gid=0(root) groups=0(root)\n')
  })
})
