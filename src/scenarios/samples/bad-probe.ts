import type { Sample } from '../sample'

/** A rollout that never becomes ready: the readiness probe asks the wrong port. */
export const badProbe: Sample = {
  id: 'bad-probe',
  title: 'Cart with a bad probe',
  summary: 'The readiness probe asks a port on which nothing listens',
  trouble: true,
  yaml: `apiVersion: apps/v1
kind: Deployment
metadata:
  name: probed
spec:
  replicas: 2
  selector:
    matchLabels:
      app: probed
  template:
    metadata:
      labels:
        app: probed
    spec:
      containers:
      - name: web
        image: nginx:1.27
        readinessProbe:
          httpGet:
            path: /
            port: 8080
          periodSeconds: 5
---
apiVersion: v1
kind: Service
metadata:
  name: probed
spec:
  selector:
    app: probed
  ports:
  - port: 80
`,
}
