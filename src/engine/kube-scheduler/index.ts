// Door of the room `kube-scheduler`.
export { decisionOf, kubeScheduler, schedulerFacts } from './scheduler'
export type { DecisionView } from './decisions'
export type { SchedulerState } from './state'
