import { describe, expect, test } from 'vitest'
import { runScript } from '../hosts/run-script'
import { parseScript } from '../hosts/script'
import { samples } from './index'

/** What each sample promises its reader: a command and what its output says some time after it was applied. */
const promises: Readonly<Record<string, readonly [after: number, line: string, says: RegExp][]>> = {
  web: [[60, 'kubectl get deployment web', /3\/3/]],
  shop: [[60, 'kubectl get deployments', /api +2\/2[^]*redis +1\/1[^]*web +2\/2/]],
  database: [
    [120, 'kubectl get statefulset db', /2\/2/],
    [121, 'kubectl get pvc', /data-db-0 +Bound[^]*data-db-1 +Bound/],
    [122, 'kubectl exec db-1 -- env', /POSTGRES_PASSWORD=change-me/],
  ],
  autoscaled: [[120, 'kubectl get hpa php-apache', /cpu: \d+%\/50% +1 +6 +1/]],
  guestbook: [[90, 'kubectl get deployments', /frontend +3\/3[^]*redis-follower +2\/2[^]*redis-leader +1\/1/]],
  careful: [
    [90, 'kubectl get deployment careful', /4\/4/],
    [91, 'kubectl get pdb careful', /N\/A +1 +1/],
  ],
  settings: [
    [60, 'kubectl logs reader', /blue: Hello from a ConfigMap/],
    [61, 'kubectl exec reader -- printenv API_TOKEN', /s3cr3t/],
  ],
  jobs: [
    [100, 'kubectl get job resize', /Complete +6\/6/],
    [101, 'kubectl get cronjob report', /\* \* \* \* \* +<none> +False/],
    [102, 'kubectl get jobs', /report-\d+/],
  ],
  agents: [[60, 'kubectl get daemonset log-agent', /log-agent +4 +4 +4 +4 +4/]],
  gateway: [
    [90, 'kubectl get gateway front', /front +nginx +\S+ +True/],
    [91, 'kubectl describe gateway front', /Attached Routes: +1/],
    [92, 'kubectl get httproute store -o jsonpath={.status.parents[0].conditions[*].reason}', /^Accepted ResolvedRefs$/],
    [93, 'kubectl run asker --image=curlimages/curl --command -- sleep 600', /created/],
    [110, 'kubectl exec asker -- curl -s -H "Host: store.example.com" -H "version: v2" http://ingress-nginx-controller.ingress-nginx', /^store v2$/m],
    [112, 'kubectl exec asker -- curl -s -o /dev/null -w "%{http_code}" http://ingress-nginx-controller.ingress-nginx', /^404$/m],
  ],
  'ingress-nginx': [[90, 'kubectl get deployment -n ingress-nginx', /1\/1/]],
  'bad-probe': [[60, 'kubectl get pods', /0\/1 +Running/]],
  'crash-loop': [[60, 'kubectl get pods', /CrashLoopBackOff|Error/]],
  'bad-image': [[60, 'kubectl get pods', /ImagePullBackOff|ErrImagePull/]],
  'too-big': [[60, 'kubectl get pods', /Running[^]*Pending|Pending[^]*Running/]],
}

describe('samples do what they are for', () => {
  for (const { id, yaml } of samples)
    test(id, () => {
      const wanted = promises[id] ?? []
      expect(wanted.length, 'what is it for?').toBeGreaterThan(0)
      const steps = [{ t: 1, cmd: 'kubectl apply -f -', stdin: yaml }, ...wanted.map(([t, cmd]) => ({ t, cmd }))]
      const { commands } = runScript(parseScript(JSON.stringify({ preset: 'default', seed: 3, steps, end: 130 }), id), id)
      expect(commands[0]?.stderr).toBe('')
      for (const [i, [, line, says]] of wanted.entries()) expect(commands[i + 1]?.stdout, line).toMatch(says)
    })
})
