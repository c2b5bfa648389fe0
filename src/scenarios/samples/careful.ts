import type { Sample } from '../sample'

/** A service that loses no request while it is updated or drained: readiness, a preStop pause, no unavailable pod, a disruption budget. */
export const careful: Sample = {
  id: 'careful',
  title: 'Careful rollout',
  summary: 'Readiness, preStop and a PodDisruptionBudget: no request is lost',
  yaml: `apiVersion: apps/v1
kind: Deployment
metadata:
  name: careful
spec:
  replicas: 4
  minReadySeconds: 5
  strategy:
    rollingUpdate:
      maxSurge: 1
      maxUnavailable: 0
  selector:
    matchLabels:
      app: careful
  template:
    metadata:
      labels:
        app: careful
    spec:
      terminationGracePeriodSeconds: 30
      topologySpreadConstraints:
      - maxSkew: 1
        topologyKey: kubernetes.io/hostname
        whenUnsatisfiable: ScheduleAnyway
        labelSelector:
          matchLabels:
            app: careful
      containers:
      - name: web
        image: nginx:1.27
        ports:
        - containerPort: 80
        readinessProbe:
          httpGet:
            path: /
            port: 80
          periodSeconds: 2
        lifecycle:
          preStop:
            sleep:
              seconds: 10
        resources:
          requests:
            cpu: 50m
            memory: 32Mi
---
apiVersion: v1
kind: Service
metadata:
  name: careful
spec:
  selector:
    app: careful
  ports:
  - port: 80
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: careful
spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      app: careful
`,
}
