import { expect, test } from 'vitest'
import type { KubeObject } from '../apimachinery'
import { Terminal } from '../cluster/terminal.testing'

type Deployment = KubeObject & { readonly spec: { readonly replicas: number } }

const phpApache = `apiVersion: apps/v1
kind: Deployment
metadata: {name: php-apache}
spec:
  selector: {matchLabels: {run: php-apache}}
  template:
    metadata: {labels: {run: php-apache}}
    spec:
      containers:
      - name: php-apache
        image: registry.k8s.io/hpa-example
        ports: [{containerPort: 80}]
        resources: {limits: {cpu: 500m}, requests: {cpu: 200m}}
---
apiVersion: v1
kind: Service
metadata: {name: php-apache, labels: {run: php-apache}}
spec: {ports: [{port: 80}], selector: {run: php-apache}}
`

test("the walkthrough of the HorizontalPodAutoscaler: a shell's loop of wget makes it scale out, and in again when it is stopped", () => {
  const t = new Terminal()
  const replicas = () => t.object<Deployment>('deployments', 'default', 'php-apache')?.spec.replicas ?? 0
  t.type('kubectl apply -f -', phpApache)
  expect(t.type('kubectl autoscale deployment php-apache --cpu-percent=50 --min=1 --max=10')).toContain('horizontalpodautoscaler.autoscaling/php-apache autoscaled\n')
  t.run(75)
  expect(t.type('kubectl get hpa')).toMatch(/php-apache +Deployment\/php-apache +cpu: 0%\/50% +1 +10 +1 /)
  const loop = t.begin('kubectl run -i --tty load-generator --rm --image=busybox:1.28 --restart=Never -- /bin/sh -c "while sleep 0.01; do wget -q -O- http://php-apache; done"')
  expect(t.until(() => replicas() > 3, 150)).toBe(true)
  expect(t.printed(loop).text).toContain('OK!')
  t.run(60)
  t.cluster.input({ type: 'interrupt', command: loop })
  t.run(30)
  expect(t.printed(loop).text).toContain('OK!OK!OK!')
  expect(t.printed(loop).text).toContain('pod "load-generator" deleted from default namespace\n')
  const most = replicas()
  expect(most).toBeGreaterThanOrEqual(5)
  t.run(480)
  expect(replicas()).toBe(1)
  expect(t.type('kubectl get hpa')).toMatch(/cpu: 0%\/50%/)
})
