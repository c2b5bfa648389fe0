import type { Sample } from '../sample'

/** An image name with a mistake. */
export const badImage: Sample = {
  id: 'bad-image',
  title: 'Image that does not exist',
  summary: 'ErrImagePull, then ImagePullBackOff',
  trouble: true,
  yaml: `apiVersion: apps/v1
kind: Deployment
metadata:
  name: typo
spec:
  replicas: 1
  selector:
    matchLabels:
      app: typo
  template:
    metadata:
      labels:
        app: typo
    spec:
      containers:
      - name: web
        image: nginx:does-not-exist
`,
}
