/** What an empty document can begin with; `${…}` are the places to fill in. */
export const skeletons: readonly { readonly kind: string; readonly text: string }[] = [
  { kind: 'Pod', text: 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${web}\n  labels:\n    app: ${web}\nspec:\n  containers:\n  - name: ${web}\n    image: ${nginx}\n    ports:\n    - containerPort: ${80}\n' },
  {
    kind: 'Deployment',
    text: 'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: ${web}\nspec:\n  replicas: ${3}\n  selector:\n    matchLabels:\n      app: ${web}\n  template:\n    metadata:\n      labels:\n        app: ${web}\n    spec:\n      containers:\n      - name: ${web}\n        image: ${nginx}\n        ports:\n        - containerPort: ${80}\n',
  },
  { kind: 'Service', text: 'apiVersion: v1\nkind: Service\nmetadata:\n  name: ${web}\nspec:\n  selector:\n    app: ${web}\n  ports:\n  - port: ${80}\n    targetPort: ${80}\n' },
  { kind: 'ConfigMap', text: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${settings}\ndata:\n  ${key}: ${value}\n' },
  { kind: 'Secret', text: 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: ${secret}\nstringData:\n  ${key}: ${value}\n' },
  { kind: 'Namespace', text: 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${team}\n' },
  { kind: 'Job', text: 'apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: ${once}\nspec:\n  template:\n    spec:\n      restartPolicy: ${Never}\n      containers:\n      - name: ${once}\n        image: ${busybox}\n        command: ["sh", "-c", "${echo done}"]\n' },
  { kind: 'CronJob', text: 'apiVersion: batch/v1\nkind: CronJob\nmetadata:\n  name: ${often}\nspec:\n  schedule: "${*/5 * * * *}"\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          restartPolicy: ${Never}\n          containers:\n          - name: ${often}\n            image: ${busybox}\n            command: ["sh", "-c", "${date}"]\n' },
  { kind: 'PersistentVolumeClaim', text: 'apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata:\n  name: ${data}\nspec:\n  accessModes: ["${ReadWriteOnce}"]\n  resources:\n    requests:\n      storage: ${1Gi}\n' },
]
