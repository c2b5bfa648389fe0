import type { Sample } from '../sample'

/** The application that the Kubernetes tutorials deploy: a web page that writes to one Redis and reads from its followers. */
export const guestbook: Sample = {
  id: 'guestbook',
  title: 'Guestbook',
  summary: 'A front end that calls a Redis leader and its followers',
  yaml: `apiVersion: apps/v1
kind: Deployment
metadata:
  name: redis-leader
spec:
  replicas: 1
  selector:
    matchLabels:
      app: redis
      tier: leader
  template:
    metadata:
      labels:
        app: redis
        tier: leader
    spec:
      containers:
      - name: redis-leader
        image: docker.io/redis:6.0.5
        env:
        - name: GET_HOSTS_FROM
          value: dns
        ports:
        - containerPort: 6379
        resources:
          requests:
            cpu: 100m
            memory: 100Mi
---
apiVersion: v1
kind: Service
metadata:
  name: redis-leader
spec:
  selector:
    app: redis
    tier: leader
  ports:
  - port: 6379
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: redis-follower
spec:
  replicas: 2
  selector:
    matchLabels:
      app: redis
      tier: follower
  template:
    metadata:
      labels:
        app: redis
        tier: follower
    spec:
      containers:
      - name: redis-follower
        image: us-docker.pkg.dev/google-samples/containers/gke/gb-redis-follower:v2
        env:
        - name: GET_HOSTS_FROM
          value: dns
        ports:
        - containerPort: 6379
        resources:
          requests:
            cpu: 100m
            memory: 100Mi
---
apiVersion: v1
kind: Service
metadata:
  name: redis-follower
spec:
  selector:
    app: redis
    tier: follower
  ports:
  - port: 6379
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: frontend
spec:
  replicas: 3
  selector:
    matchLabels:
      app: guestbook
      tier: frontend
  template:
    metadata:
      labels:
        app: guestbook
        tier: frontend
    spec:
      containers:
      - name: frontend
        image: us-docker.pkg.dev/google-samples/containers/gke/gb-frontend:v5
        env:
        - name: GET_HOSTS_FROM
          value: dns
        ports:
        - containerPort: 80
        resources:
          requests:
            cpu: 100m
            memory: 100Mi
---
apiVersion: v1
kind: Service
metadata:
  name: frontend
spec:
  selector:
    app: guestbook
    tier: frontend
  ports:
  - port: 80
`,
}
