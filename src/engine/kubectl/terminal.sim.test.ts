import { expect, test } from 'vitest'
import * as docs from '../api-docs'
import { Cluster, presets, type CommandOutput } from '../cluster'
import { kubectl, provideDocs } from './index'

/** A terminal on the page's cluster. */
class Terminal {
  readonly cluster = new Cluster((presets[0] as (typeof presets)[number]).make(1)).install(kubectl).bootUp()
  edit: (text: string) => string | null = () => null
  lines: string[] = []
  private readonly answered = new Set<number>()

  begin(line: string): number {
    return this.cluster.input({ type: 'kubectl', line }).command as number
  }

  /** What a command has printed so far. */
  seen(command: number): { rc: number; text: string } {
    const out = { rc: -1, text: '' }
    this.cluster.sim.trace.forEach(this.cluster.sim.trace.oldest, (r) => {
      if (r.kind !== 'output' || (r.detail as CommandOutput).command !== command) return
      const { stream, text } = r.detail as CommandOutput
      if (stream === 'exit') out.rc = Number(text)
      else if (stream === 'stdout' || stream === 'stderr') out.text += text
      else if (stream !== 'line' && !this.answered.has(r.id)) {
        this.answered.add(r.id)
        this.cluster.input({ type: 'edited', command, text: stream === 'edit' ? this.edit((JSON.parse(text) as { text: string }).text) : (this.lines.shift() ?? null) })
      }
    })
    return out
  }

  wait(command: number, seconds = 20): { rc: number; text: string } {
    let out = this.seen(command)
    for (let i = 0; i < seconds * 10 && out.rc < 0; i++) {
      this.cluster.run(this.cluster.now + 100_000)
      out = this.seen(command)
    }
    return out
  }

  type(line: string): { rc: number; text: string } {
    return this.wait(this.begin(line))
  }
}

const t = new Terminal()
t.type('kubectl create deployment web --image=nginx')
t.type('kubectl rollout status deploy/web')
t.type('kubectl expose deploy web --port=80 --type=NodePort')

test('exec gives output and exit code of the command; a shell keeps directory and variables from line to line', () => {
  expect(t.type('kubectl exec deploy/web -- sh -c "echo out; exit 3"')).toEqual({ rc: 3, text: 'out\ncommand terminated with exit code 3\n' })
  expect(t.type('echo from stdin | kubectl exec -i deploy/web -- cat')).toEqual({ rc: 0, text: 'from stdin\n' })
  t.lines = ['cd /tmp', 'X=5', 'pwd; echo $X', 'exit']
  expect(t.type('kubectl exec -it deploy/web -- sh').text).toContain('/tmp\n5\n')
})

test('cp takes files there and back', () => {
  expect(t.type("P=$(kubectl get pods -l app=web -o jsonpath='{.items[0].metadata.name}'); echo hello > f && kubectl cp f $P:/tmp/f && kubectl exec $P -- cat /tmp/f").text).toBe('hello\n')
  expect(t.type('kubectl cp $P:/tmp/f back && cat back').text).toContain('hello\n')
})

test('a forwarded port leads to the pod until it is interrupted', () => {
  expect(t.type('curl -s localhost:8080').rc).toBe(7)
  const forward = t.begin('kubectl port-forward svc/web 8080:80')
  t.cluster.run(t.cluster.now + 1e6)
  expect(t.seen(forward)).toEqual({ rc: -1, text: 'Forwarding from 127.0.0.1:8080 -> 80\nForwarding from [::1]:8080 -> 80\n' })
  expect(t.type('curl -s localhost:8080').text).toContain('<title>Welcome to nginx!</title>')
  expect(t.seen(forward).text).toMatch(/-> 80\nHandling connection for 8080\n$/)
  expect(t.type('kubectl port-forward svc/web 8080:80')).toMatchObject({ rc: 1, text: expect.stringContaining('address already in use') })
  t.cluster.input({ type: 'interrupt', command: forward })
  expect(t.wait(forward).rc).toBe(130)
  expect(t.type('curl -s localhost:8080').rc).toBe(7)
})

test('who answers sees the address that the rules on the way left', () => {
  t.type('kubectl create deploy source-ip --image=registry.k8s.io/echoserver:1.10; kubectl expose deploy source-ip --type=NodePort --port=80 --target-port=8080; kubectl rollout status deploy source-ip')
  t.cluster.run(t.cluster.now + 3e6)
  const ask = "curl -s $(kubectl get pods -l app=source-ip -o jsonpath='{.items[0].status.hostIP}'):$(kubectl get svc source-ip -o jsonpath='{.spec.ports[0].nodePort}') | grep client_address"
  expect(t.type(ask).text).toMatch(/^\tclient_address=10\.0\.0\.1\d\n$/)
  t.type(`kubectl patch svc source-ip -p '{"spec":{"externalTrafficPolicy":"Local"}}'`)
  t.cluster.run(t.cluster.now + 2e6)
  expect(t.type(ask).text).toBe('\tclient_address=198.51.100.10\n')
  expect(t.type('kubectl get svc,deploy source-ip').text).toMatch(/\n\nNAME {24,26}READY   UP-TO-DATE   AVAILABLE   AGE\n/)
})

test('kubectl proxy leads to the API, and through it to what pods and Services serve', () => {
  const proxy = t.begin('kubectl proxy')
  t.cluster.run(t.cluster.now + 1e6)
  expect(t.type('curl -s localhost:8001/api/v1/namespaces/default/services/web:80/proxy/').text).toContain('<title>Welcome to nginx!</title>')
  expect(t.type("curl -s localhost:8001/api/v1/namespaces/default/pods/$(kubectl get pods -l app=web -o jsonpath='{.items[0].metadata.name}')/proxy/nope | grep title").text).toBe('<head><title>404 Not Found</title></head>\n')
  expect(t.type('kubectl get --raw /api/v1/namespaces/default/services/web:81/proxy/')).toEqual({ rc: 1, text: 'Error from server (ServiceUnavailable): no service port "81" found for service "web"\n' })
  expect(t.type(`curl -s -X PATCH -H 'Content-Type: application/json-patch+json' -d '[{"op": "add", "path": "/status/capacity/example.com~1dongle", "value": "4"}]' localhost:8001/api/v1/nodes/node-1/status | grep dongle`).text).toContain('"example.com/dongle": "4"')
  expect(t.type(`curl -s -d '{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"by-curl"}}' localhost:8001/api/v1/namespaces | head -2; kubectl get ns by-curl -o name`).text).toBe('{\n  "kind": "Namespace",\nnamespace/by-curl\n')
  t.cluster.input({ type: 'interrupt', command: proxy })
})

test('jobs run in the background, are listed, waited for and killed', () => {
  const started = t.type('sleep 15 & echo on')
  expect(started).toEqual({ rc: 0, text: expect.stringMatching(/^on\n\[1\] \d+\n$/) })
  expect(t.type('kubectl port-forward deploy/web 8081:80 &').text).toMatch(/^\[2\] \d+\n/)
  expect(t.type('jobs').text).toBe('[1]-  Running                 sleep 15 &\n[2]+  Running                 kubectl port-forward deploy/web 8081:80 &\n')
  expect(t.type('curl -s localhost:8081 -o /dev/null && echo reached').text).toContain('reached')
  expect(t.type('kill %2')).toEqual({ rc: 0, text: '' })
  expect(t.type('jobs').text).toBe('[1]+  Running                 sleep 15 &\n')
  expect(t.type('kill %7')).toEqual({ rc: 1, text: 'sh: kill: %7: no such job\n' })
  expect(t.type('fg; jobs')).toEqual({ rc: 0, text: 'sleep 15\n' })
})

test('edit patches what was changed; a mistake is shown again with the server\'s words', () => {
  t.edit = (text) => text.replace('replicas: 1', 'replicas: 2')
  expect(t.type('kubectl edit deploy web')).toEqual({ rc: 0, text: 'deployment.apps/web edited\n' })
  expect(t.type('kubectl get deploy web -o jsonpath={.spec.replicas}').text).toBe('2')
  t.edit = (text) => text
  expect(t.type('kubectl edit deploy web').text).toBe('Edit cancelled, no changes made.\n')
  const shown: string[] = []
  t.edit = (text) => {
    shown.push(text)
    return text.includes('replicas: -1') ? text : text.replace('replicas: 2', 'replicas: -1')
  }
  expect(t.type('kubectl edit deploy web')).toEqual({ rc: 1, text: 'error: deployments.apps "web" is invalid\nA copy of your changes has been stored to "/tmp/kubectl-edit-1.yaml"\nerror: Edit cancelled, no valid changes were saved.\n' })
  expect(shown[1]).toContain('# deployments.apps "web" was not valid:\n# * spec.replicas: Invalid value: -1')
  t.edit = () => null
  expect(t.type('kubectl edit deploy web')).toMatchObject({ rc: 1, text: expect.stringContaining('problem with the editor') })
})

test('a watch through a filter prints as it goes, and Ctrl-C ends it', () => {
  const watch = t.begin('kubectl get pods -w | grep Running')
  t.cluster.run(t.cluster.now + 1e6)
  const before = t.seen(watch)
  expect(before.rc).toBe(-1)
  t.type('kubectl scale deploy web --replicas=3')
  t.cluster.run(t.cluster.now + 5e6)
  expect(t.seen(watch).text.length).toBeGreaterThan(before.text.length)
  t.cluster.input({ type: 'interrupt', command: watch })
  expect(t.wait(watch).rc).toBe(130)
})

test('--request-timeout ends a watch quietly', () => {
  expect(t.type('kubectl get deploy web -w --no-headers --request-timeout=3s | wc -l; kubectl get pods --watch-only --request-timeout=1')).toEqual({ rc: 0, text: '1\n' })
  expect(t.type('kubectl get pods --request-timeout=x').text).toMatch(/^error: Invalid timeout value\. Timeout must be a single integer in seconds/)
})

test('a watch ends when who reads it has enough, and the line goes on', () => {
  expect(t.type('kubectl get pods -w | head -2 | wc -l; kubectl get deploy web --no-headers | wc -l')).toEqual({ rc: 0, text: '2\n1\n' })
  expect(t.type('kubectl logs -f deploy/web | grep -m1 -c . ; echo on').text).toContain('on\n')
})

test('logs -f of an hour stays cheap: what was answered is forgotten', () => {
  const follow = t.begin('kubectl logs -f deploy/web')
  t.cluster.run(t.cluster.now + 600e6)
  expect(t.cluster.sim.stateOf<{ recorded: readonly unknown[] }>(`kubectl/${follow}`)?.recorded.length).toBeLessThan(60)
  t.cluster.input({ type: 'interrupt', command: follow })
})

test('debug adds a container that can be looked through, run attaches and cleans up', () => {
  t.lines = ['echo inside', 'exit']
  expect(t.type('kubectl debug $P -it --image=busybox -- sh').text).toContain('inside\n')
  expect(t.type('kubectl run tmp --rm -it --restart=Never --image=busybox -- echo hi').text).toMatch(/hi\nSession ended, resume using 'kubectl attach tmp -c tmp -n default -i -t' command\npod "tmp" deleted from default namespace\n$/)
})

test('each kind of a list has columns of its own width', () => {
  const t = new Terminal()
  t.type('kubectl create deployment a-name-that-is-long --image=nginx:1.25')
  expect(t.type('kubectl get deployments,services').text).toMatch(/\n\nNAME {17}TYPE {8}CLUSTER-IP {3}EXTERNAL-IP/)
})

test('a node reaches the addresses of Services; what follows the name of the host is the command, options and all', () => {
  const t = new Terminal()
  t.type('kubectl run web --image=nginx:1.25 --port=80 --expose')
  t.type('kubectl wait --for=condition=Ready pod/web')
  expect(t.type("ssh -o StrictHostKeyChecking=no node-1 curl -sI $(kubectl get service web -o jsonpath='{.spec.clusterIP}')").text).toContain('HTTP/1.1 200 OK')
})

test('versions of nginx that never were cannot be pulled', () => {
  const t = new Terminal()
  t.type('kubectl run web --image=nginx:1.91')
  t.type('sleep 5')
  expect(t.type('kubectl get pod web').text).toContain('ErrImagePull')
})

test('what is piped into ssh is what its command reads; scp carries a file to a node and back', () => {
  const t = new Terminal()
  const pod = (name: string) => `kubectl run ${name} --image=nginx:1.25 --dry-run=client -o yaml`
  expect(t.type(`${pod('piped')} | ssh node-1 "cat > /etc/kubernetes/manifests/piped.yaml"`)).toEqual({ rc: 0, text: '' })
  expect(t.type(`${pod('carried')} > carried.yaml; scp carried.yaml root@node-2:/etc/kubernetes/manifests/; scp node-2:/etc/kubernetes/manifests/carried.yaml back; grep name: back | head -1`).text).toBe('  name: carried\n')
  t.type('sleep 5')
  expect(t.type('kubectl get pods -o name').text).toBe('pod/carried-node-2\npod/piped-node-1\n')
  expect(t.type('scp nothing node-1:/tmp/')).toEqual({ rc: 255, text: 'scp: stat local "nothing": No such file or directory\n' })
})

test('the manifests of kubernetes.io are where its pages say', () => {
  provideDocs(docs)
  const terminal = new Terminal()
  const says = (line: string) => terminal.wait(terminal.begin(line))
  expect(says('kubectl apply -f https://k8s.io/examples/application/deployment.yaml')).toEqual({ rc: 0, text: 'deployment.apps/nginx-deployment created\n' })
  expect(says('kubectl delete -f https://raw.githubusercontent.com/kubernetes/website/main/content/en/examples/application/deployment.yaml')).toEqual({ rc: 0, text: 'deployment.apps "nginx-deployment" deleted from default namespace\n' })
  expect(says('curl -sLO https://k8s.io/examples/pods/simple-pod.yaml && kubectl create -f simple-pod.yaml')).toEqual({ rc: 0, text: 'pod/nginx created\n' })
  expect(says('kubectl apply -f https://k8s.io/examples/none.yaml')).toEqual({ rc: 1, text: 'error: unable to read URL "https://k8s.io/examples/none.yaml", server reported 404 Not Found, status code=404\n' })
  expect(says('kubectl apply -f https://example.com/x.yaml').text).toContain('no way to the internet')
})
