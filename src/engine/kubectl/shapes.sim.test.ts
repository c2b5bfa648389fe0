import { expect, test } from 'vitest'
import { facts } from '../apimachinery/facts.testing'
import { Cluster, presets, type CommandOutput } from '../cluster'
import { kubectl, provideFiles } from './index'

const POD = (name: string): string => `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\nspec:\n  containers:\n  - name: c\n    image: nginx\n`

/** A cluster of the page with what courses talk about in it, and a terminal. */
class Course {
  private readonly cluster: Cluster
  private read = 0

  constructor() {
    provideFiles({ 'pod.yaml': POD('from-file'), 'envpod.yaml': POD('envpod'), 'config.txt': 'a=1\n', username: 'admin', 'my-manifest.yaml': POD('my-pod'), 'kustomization.yaml': 'resources: [pod.yaml]\n', 'path/to/cert/file': '-----BEGIN CERTIFICATE-----\nx\n', 'path/to/key/file': '-----BEGIN PRIVATE KEY-----\nx\n' })
    this.cluster = new Cluster((presets[0] as (typeof presets)[number]).make(1)).install(kubectl).bootUp()
    provideFiles({})
    this.prepare()
    this.cluster.run(this.cluster.now + 10e6)
  }

  prepare(): void {
    for (const line of ['create deployment nginx --image=nginx --replicas=2', 'run busybox --image=busybox --command -- sleep 10000', 'expose deploy nginx --port=80', 'create namespace mynamespace', 'config set-context --current --namespace=default', 'config use-context kubernetes-admin@kubernetes']) this.type(`kubectl ${line}`)
  }

  /** Types a line; one that goes on for `seconds` is interrupted. */
  type(line: string, seconds = 5): { rc: number; stdout: string; stderr: string } {
    const { cluster } = this
    const { command } = cluster.input({ type: 'kubectl', line })
    const out = { rc: -1, stdout: '', stderr: '' }
    const pump = (rounds: number): void => {
      for (let i = 0; i < rounds && out.rc < 0; i++) {
        cluster.run(cluster.now + 100_000)
        cluster.sim.trace.forEach(this.read, (r) => {
          if (r.kind !== 'output' || (r.detail as CommandOutput).command !== command) return
          const { stream, text } = r.detail as CommandOutput
          if (stream === 'exit') out.rc = Number(text)
          else if (stream === 'edit') cluster.input({ type: 'edited', command: command as number, text: (JSON.parse(text) as { text: string }).text })
          else if (stream === 'prompt') cluster.input({ type: 'edited', command: command as number, text: null })
          else if (stream !== 'line') out[stream] += text
        })
        this.read = cluster.sim.trace.nextId
      }
    }
    pump(seconds * 10)
    if (out.rc < 0) {
      // The first may be for the program at the other end of the line.
      for (let i = 0; i < 2 && out.rc < 0; i++) {
        cluster.input({ type: 'interrupt', command: command as number })
        pump(10)
      }
    }
    return out
  }
}

/** Lines that no shell or kubectl v1.36 understands: pieces of scripts and templates, flags that are gone, programs of others; and what is left out here. */
const beyond = /\{\{ \.Release|\{\{ template|--generator|--embe|\| *jq|--short|--replicas=2 --image|SHELL \[options\]|\(or\)|convert|linkerd|istioctl|^kubectl (argo|krew)/

const shapes = facts<{ shapes: readonly { example: string }[] }>('corpus-kubectl-shapes').shapes.slice(0, 500)
  .map((s) => `kubectl ${s.example}`.replace(/<([\w .-]+)>/g, 'nginx').replace(/`.*$/, '').replace(/\)(; done)?( *#.*)?$/, (all) => (/\$\(/.test(all) ? all : '')))

/** Of the 300 shapes that follow, those that are not understood; the README says why. */
const leftOut = [
  // Pieces of scripts and prose: no shell reads them.
  'get deployments -n $namespace', 'get ingress web -n web-app -o', "patch statefulset web --type='json'", "patch -n kube-system role 'system", 'get configmaps (or', 'patch svc nginx-gateway', 'apply (overlay', 'create cronjob time-limited-job', 'get clusterroles --no-headers | wc -l (or',
  // Not in kubectl v1.36 either.
  'drain $(kubectl get pod zk-0', 'run -n kube-system --serviceaccount', 'run --image=nginx nginx-app --port=80 --replicas=2', 'get all -all-namespaces', 'certificate SUBCOMMAND', 'rollout SUBCOMMAND', 'set SUBCOMMAND',
  // The server's own "field label not supported"; a group without subcommand prints its help and fails, as upstream.
  'get pod -l app=myboot --field-selector', 'create secret',
]

test('the 200 commonest shapes of courses are understood by a real cluster, and end as they should', () => {
  expect(shapes.length).toBe(500)
  const course = new Course()
  let misunderstood: string[] = []
  let tried = 0
  let first: readonly string[] = []
  for (const [i, line] of shapes.entries()) {
    if (i === 200) {
      first = misunderstood
      misunderstood = []
      expect(tried).toBeGreaterThan(180)
    }
    if (beyond.test(line)) continue
    tried++
    const { rc, stdout, stderr } = course.type(line)
    const said = `${line}\n  rc ${rc}: ${stderr.slice(0, 200)}`
    if (rc < 0) misunderstood.push(`never ended: ${said}`)
    if (/unknown (command|flag|shorthand)|not supported(?! anymore)|syntax error|command not found|not implemented/.test(stderr)) misunderstood.push(said)
    // The exit code follows from what was said: nothing in the way of errors, or an error.
    const failed = /^(error|Error from server|sh: |Unable|command terminated)/m.test(stderr)
    const held = rc === 130
    const filtered = / \| |&$/.test(line)
    if (!filtered && !held && failed !== (rc !== 0) && !/can-i|plugin/.test(line)) misunderstood.push(`exit code: ${said}`)
    if (held && !/ (-w|--watch|proxy|port-forward|delete|logs|wait|attach|drain|run|rollout)\b/.test(line)) misunderstood.push(`held: ${said}`)
    if (rc === 0 && /^kubectl get (po|nodes|svc|deployments)$/.test(line.replace(/ *#.*/, '')) && !stdout.startsWith('NAME')) misunderstood.push(`empty: ${said}`)
    if (/delete|set-context|use-context/.test(line)) course.prepare()
  }
  expect(first).toEqual([])
  const others = misunderstood.map((m) => (m.split('\n')[0] as string).replace(/^(exit code|held|never ended|empty): /, '').replace(/^kubectl /, ''))
  expect(others.filter((m) => !leftOut.some((l) => m.startsWith(l)))).toEqual([])
  expect(leftOut.filter((l) => !others.some((m) => m.startsWith(l)))).toEqual([])
}, 60_000)
