export { createKubeloop, type Kubeloop, type Source } from './kubeloop'
export {
  KubeloopProvider, useAnswer, useComponent, useKeys, useKubeloop, useOutput, usePodKeys, useRow, useRows, useSession, useSteps, useTraffic, useTrafficMoment, useTrafficPart, useUi,
} from './hooks'
export { isBad } from './is-bad'
export { progressOf } from './workload-progress'
export { objectYaml } from './object-yaml'
export { pendingEdit, pendingPrompt } from './pending-edit'
export { shelf } from './pod-groups'
export type { DialogSlot, FeatureSlots, InspectorTab, Slot } from './slots'
export { outcomeReasons, outcomeWords, outcomes } from './outcomes'
export type { TrafficLog, TrafficRate } from './traffic-log'
export type { Detail, Selection, Toast } from './ui-state'
export {
  causeFault, componentActions, inNamespace, isScalable, nodeActions, podActions, requestActions, runKubectl, scaleTo, workloadActions, type ObjectAction,
} from './object-actions'
