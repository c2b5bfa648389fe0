import type { Sample } from '../sample'
import { ingressNginx } from './ingress-nginx'

const app = (version: string, replicas: number): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: store-${version}
spec:
  replicas: ${replicas}
  selector:
    matchLabels:
      app: store
      version: ${version}
  template:
    metadata:
      labels:
        app: store
        version: ${version}
    spec:
      containers:
      - name: store
        image: hashicorp/http-echo:1.0
        args: ["-text=store ${version}"]
        ports:
        - containerPort: 5678
---
apiVersion: v1
kind: Service
metadata:
  name: store-${version}
spec:
  selector:
    app: store
    version: ${version}
  ports:
  - port: 80
    targetPort: 5678
`

/** Gateway API: a Gateway by the ingress controller, and a route that sends a tenth of the requests to a new version; those that ask for it all. */
export const gateway: Sample = {
  id: 'gateway',
  title: 'Gateway and a canary',
  summary: 'Gateway API: an HTTPRoute splits requests 9 to 1 between two versions',
  yaml: [
    ingressNginx.yaml,
    `apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata:
  name: nginx
spec:
  controllerName: k8s.io/ingress-nginx
`,
    `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata:
  name: front
spec:
  gatewayClassName: nginx
  listeners:
  - name: http
    port: 80
    protocol: HTTP
`,
    app('v1', 2),
    app('v2', 1),
    `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: store
spec:
  parentRefs:
  - name: front
  hostnames:
  - store.example.com
  rules:
  - matches:
    - headers:
      - name: version
        value: v2
    backendRefs:
    - name: store-v2
      port: 80
  - backendRefs:
    - name: store-v1
      port: 80
      weight: 9
    - name: store-v2
      port: 80
      weight: 1
`,
  ].join('---\n'),
}
