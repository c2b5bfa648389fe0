import { podQOS, type Pod } from '../../../api'
import { ageColumn, column, define, nameColumn, wide } from '../define'
import { defaultPod, defaultPodSpec } from '../defaults/pod-spec'
import type { PrintContext } from '../strategy'
import { keepButResources, validatePodResize } from './pod-resize'
import { validateEphemeralUpdate, validatePod, validatePodStatusUpdate, validatePodUpdate } from './pod-validation'
import { podStatus, type PodSummary } from './pod-status'

// Three cells come from one walk over the pod; the last answer is kept for the row at hand.
let lastPod: Pod | undefined
let lastNow = 0
let lastSummary: PodSummary | undefined

function summary(pod: Pod, print: PrintContext): PodSummary {
  if (pod !== lastPod || print.now !== lastNow || lastSummary === undefined) {
    lastPod = pod
    lastNow = print.now
    lastSummary = podStatus(pod, print.now)
  }
  return lastSummary
}

function readinessGates(pod: Pod): string {
  const gates = pod.spec.readinessGates ?? []
  if (gates.length === 0) return '<none>'
  const passed = gates.filter((g) => pod.status?.conditions?.some((c) => c.type === g.conditionType && c.status === 'True')).length
  return `${passed}/${gates.length}`
}

/** Pod. Upstream: pkg/registry/core/pod, SetDefaults_Pod, printPod. */
export const pod = define<Pod>({
  resource: 'pods',
  shortNames: ['po'],
  categories: ['all'],
  subresources: ['status', 'binding', 'eviction', 'log', 'exec', 'attach', 'portforward', 'proxy', 'ephemeralcontainers', 'resize'],
  hasStatus: true,
  hasGeneration: true,
  defaults(o) {
    const spec = (o.spec ??= { containers: [] })
    spec.containers ??= []
    o.status ??= {}
    // Template and controller already defaulted what they create, but a second pass costs little and must change nothing.
    defaultPodSpec(spec)
    defaultPod(spec)
  },
  prepareForCreate(o) {
    o.status = { phase: 'Pending', qosClass: podQOS(o.spec) }
    if ((o.spec.schedulingGates ?? []).length > 0) {
      o.status.conditions = [{
        type: 'PodScheduled', status: 'False', reason: 'SchedulingGated', message: 'Scheduling is blocked due to non-empty scheduling gates',
      }]
    }
  },
  validate: (o) => validatePod(o),
  prepareForUpdate(o, old, write) {
    if (write.subresource === 'resize') return keepButResources(o, old)
    if (old.status !== undefined) o.status = old.status
  },
  // The debugging subresource may only add ephemeral containers; all else stays as it was.
  validateUpdate: (o, old, write) => (write.subresource === 'ephemeralcontainers' ? validateEphemeralUpdate(o, old) : write.subresource === 'resize' ? validatePodResize(o, old) : validatePodUpdate(o, old)),
  prepareForStatusUpdate(o, old) {
    // The class never changes, and clients that do not know it must not lose it.
    const status = (o.status ??= {})
    if (!status.qosClass && old.status?.qosClass !== undefined) status.qosClass = old.status.qosClass
  },
  validateStatusUpdate: validatePodStatusUpdate,
  fields: {
    'spec.nodeName': (o) => o.spec.nodeName ?? '',
    'spec.restartPolicy': (o) => o.spec.restartPolicy ?? '',
    'spec.schedulerName': (o) => o.spec.schedulerName ?? '',
    'spec.serviceAccountName': (o) => o.spec.serviceAccountName ?? '',
    'spec.hostNetwork': (o) => String(o.spec.hostNetwork ?? false),
    'status.phase': (o) => o.status?.phase ?? '',
    'status.podIP': (o) => o.status?.podIP ?? '',
    'status.nominatedNodeName': (o) => o.status?.nominatedNodeName ?? '',
  },
  columns: [
    nameColumn,
    column('Ready', (o, print) => summary(o, print).ready),
    column('Status', (o, print) => summary(o, print).status),
    column('Restarts', (o, print) => summary(o, print).restarts),
    ageColumn,
    wide('IP', (o) => o.status?.podIPs?.[0]?.ip || o.status?.podIP || '<none>'),
    wide('Node', (o) => o.spec.nodeName || '<none>'),
    wide('Nominated Node', (o) => o.status?.nominatedNodeName || '<none>'),
    wide('Readiness Gates', readinessGates),
  ],
})
