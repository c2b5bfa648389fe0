// Door of the room `kube-scheduler`.
export { decisionOf, kubeScheduler, schedulerFacts } from './scheduler'
export type { DecisionNode, DecisionView } from './decisions'
export type { SchedulerParams, SchedulerState } from './state'
