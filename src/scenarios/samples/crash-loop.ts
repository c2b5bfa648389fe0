import type { Sample } from '../sample'

/** A container that ends with an error each time. */
export const crashLoop: Sample = {
  id: 'crash-loop',
  title: 'Crash loop',
  summary: 'A container that exits after three seconds, again and again',
  trouble: true,
  yaml: `apiVersion: apps/v1
kind: Deployment
metadata:
  name: cart
spec:
  replicas: 1
  selector:
    matchLabels:
      app: cart
  template:
    metadata:
      labels:
        app: cart
    spec:
      containers:
      - name: cart
        image: busybox:1.37
        command: ["sh", "-c", "echo starting; sleep 3; echo no database; exit 1"]
`,
}
