import type { Sample } from '../sample'

/** Settings that come from outside the image, as environment and as files. A change reaches the files within a minute, the environment never. */
export const settings: Sample = {
  id: 'settings',
  title: 'Settings and secrets',
  summary: 'A ConfigMap and a Secret as environment and as files',
  yaml: `apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  COLOUR: blue
  greeting.txt: |
    Hello from a ConfigMap
---
apiVersion: v1
kind: Secret
metadata:
  name: token
stringData:
  API_TOKEN: s3cr3t
---
apiVersion: v1
kind: Pod
metadata:
  name: reader
spec:
  containers:
  - name: reader
    image: busybox:1.36
    command:
    - sh
    - -c
    - 'while true; do echo "$COLOUR: $(cat /etc/settings/greeting.txt)"; sleep 20; done'
    envFrom:
    - configMapRef:
        name: settings
    - secretRef:
        name: token
    volumeMounts:
    - name: settings
      mountPath: /etc/settings
  volumes:
  - name: settings
    configMap:
      name: settings
`,
}
