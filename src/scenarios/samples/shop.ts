import type { Sample } from '../sample'

/** Three tiers: web, API, Redis. */
export const shop: Sample = {
  id: 'shop',
  title: 'Web + API + Redis',
  summary: 'Three Deployments with Services, the API with probes',
  yaml: ['web nginx:1.27 80 2', 'api hashicorp/http-echo:1.0 5678 2', 'redis redis:7.4 6379 1']
    .map((line) => {
      const [name, image, port, replicas] = line.split(' ') as [string, string, string, string]
      const probe = name === 'api' ? `
        readinessProbe:
          httpGet:
            path: /
            port: ${port}
          initialDelaySeconds: 2
          periodSeconds: 5` : ''
      return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  replicas: ${replicas}
  selector:
    matchLabels:
      app: ${name}
  template:
    metadata:
      labels:
        app: ${name}
    spec:
      containers:
      - name: ${name}
        image: ${image}
        ports:
        - containerPort: ${port}
        resources:
          requests:
            cpu: 100m
            memory: 64Mi${probe}
---
apiVersion: v1
kind: Service
metadata:
  name: ${name}
spec:
  selector:
    app: ${name}
  ports:
  - port: ${port}
`
    })
    .join('---\n'),
}
