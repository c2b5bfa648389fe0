import type { Sample } from '../sample'

/** The application that the Kubernetes tutorials deploy: a web page that writes to one Redis and reads from its followers. */
export const guestbook: Sample = {
  id: 'guestbook',
  title: 'Guestbook',
  summary: 'A front end that calls a Redis leader and its followers',
  yaml: [
    tier('redis-leader', 'redis', 'leader', 'docker.io/redis:6.0.5', 6379, 1),
    tier('redis-follower', 'redis', 'follower', 'us-docker.pkg.dev/google-samples/containers/gke/gb-redis-follower:v2', 6379, 2),
    tier('frontend', 'guestbook', 'frontend', 'us-docker.pkg.dev/google-samples/containers/gke/gb-frontend:v5', 80, 3),
  ].join('---\n'),
}

function tier(name: string, app: string, role: string, image: string, port: number, replicas: number): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  replicas: ${replicas}
  selector:
    matchLabels:
      app: ${app}
      tier: ${role}
  template:
    metadata:
      labels:
        app: ${app}
        tier: ${role}
    spec:
      containers:
      - name: ${name}
        image: ${image}
        env:
        - name: GET_HOSTS_FROM
          value: dns
        ports:
        - containerPort: ${port}
        resources:
          requests:
            cpu: 100m
            memory: 100Mi
---
apiVersion: v1
kind: Service
metadata:
  name: ${name}
spec:
  selector:
    app: ${app}
    tier: ${role}
  ports:
  - port: ${port}
`
}
