import type { Sample } from '../sample'

/** Pods that fit on no node. */
export const tooBig: Sample = {
  id: 'too-big',
  title: 'Pods that do not fit',
  summary: 'Eight pods of 900m CPU: some stay Pending until a node is added',
  trouble: true,
  yaml: `apiVersion: apps/v1
kind: Deployment
metadata:
  name: big
spec:
  replicas: 8
  selector:
    matchLabels:
      app: big
  template:
    metadata:
      labels:
        app: big
    spec:
      containers:
      - name: work
        image: busybox:1.37
        command: ["sleep", "infinity"]
        resources:
          requests:
            cpu: 900m
            memory: 128Mi
`,
}
