import type { Sample } from '../sample'

/** One pod on each node, the control plane too. */
export const agents: Sample = {
  id: 'agents',
  title: 'Agent on every node',
  summary: 'A DaemonSet that tolerates the taint of the control plane',
  yaml: `apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: log-agent
spec:
  selector:
    matchLabels:
      app: log-agent
  updateStrategy:
    rollingUpdate:
      maxUnavailable: 1
  template:
    metadata:
      labels:
        app: log-agent
    spec:
      tolerations:
      - key: node-role.kubernetes.io/control-plane
        operator: Exists
        effect: NoSchedule
      containers:
      - name: agent
        image: fluent/fluent-bit:3.2
        resources:
          requests:
            cpu: 50m
            memory: 32Mi
        volumeMounts:
        - name: logs
          mountPath: /var/log
          readOnly: true
      volumes:
      - name: logs
        hostPath:
          path: /var/log
`,
}
