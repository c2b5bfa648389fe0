import type { Sample } from '../sample'

/** Work that ends: once, several at a time, and again every minute. */
export const jobs: Sample = {
  id: 'jobs',
  title: 'Jobs',
  summary: 'A Job of six parts, two at a time, and a CronJob every minute',
  yaml: `apiVersion: batch/v1
kind: Job
metadata:
  name: resize
spec:
  completions: 6
  parallelism: 2
  backoffLimit: 3
  template:
    spec:
      restartPolicy: Never
      containers:
      - name: resize
        image: busybox:1.36
        command: ["sh", "-c", "echo resizing; sleep 8; echo done"]
---
apiVersion: batch/v1
kind: CronJob
metadata:
  name: report
spec:
  schedule: "* * * * *"
  concurrencyPolicy: Forbid
  successfulJobsHistoryLimit: 2
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: OnFailure
          containers:
          - name: report
            image: busybox:1.36
            command: ["sh", "-c", "date; sleep 5"]
`,
}
