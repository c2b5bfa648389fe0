interface First {
  readonly metadata: object
  readonly spec: object
  readonly status: object
}

/** Name, level, precedence, distinguisher. */
const SCHEMAS = `catch-all catch-all 10000 ByUser
endpoint-controller workload-high 150 ByUser
exempt exempt 1
global-default global-default 9900 ByUser
kube-controller-manager workload-high 800 ByNamespace
kube-scheduler workload-high 800 ByNamespace
kube-system-service-accounts workload-high 900 ByNamespace
probes exempt 2
service-accounts workload-low 9000 ByUser
system-leader-election leader-election 100 ByUser
system-node-high node-high 400 ByUser
system-nodes system 500 ByUser
workload-leader-election leader-election 200 ByUser`

/** Name, shares, percent that may be lent, queues, hand size; queues are 50 long. */
const LEVELS = `catch-all 5 0
exempt 0 0
global-default 20 50 128 6
leader-election 10 0 16 4
node-high 40 25 64 6
system 30 33 64 6
workload-high 40 50 128 6
workload-low 100 90 128 6`

const metadata = (name: string) => ({ name, generation: 1, annotations: { 'apf.kubernetes.io/autoupdate-spec': 'true' } })

/** The flow schemas of a new cluster, without their rules. Upstream: apiserver/pkg/apis/flowcontrol/bootstrap/default.go */
export function firstFlowSchemas(now: string): readonly First[] {
  return SCHEMAS.split('\n').map((row) => {
    const [name = '', level, precedence, type] = row.split(' ')
    const message = `This FlowSchema references the PriorityLevelConfiguration object named "${level}" and it exists`
    return {
      metadata: metadata(name),
      spec: { priorityLevelConfiguration: { name: level }, matchingPrecedence: Number(precedence), ...(type === undefined ? {} : { distinguisherMethod: { type } }) },
      status: { conditions: [{ type: 'Dangling', status: 'False', lastTransitionTime: now, reason: 'Found', message }] },
    }
  })
}

/** The priority levels of a new cluster. */
export function firstPriorityLevels(): readonly First[] {
  return LEVELS.split('\n').map((row) => {
    const [name = '', shares, lent, queues, handSize] = row.split(' ')
    const share = { nominalConcurrencyShares: Number(shares), lendablePercent: Number(lent) }
    const limitResponse = queues === undefined ? { type: 'Reject' } : { type: 'Queue', queuing: { queues: Number(queues), handSize: Number(handSize), queueLengthLimit: 50 } }
    const spec = name === 'exempt' ? { type: 'Exempt', exempt: share } : { type: 'Limited', limited: { ...share, limitResponse } }
    return { metadata: metadata(name), spec, status: {} }
  })
}
