export { controllerManager, type ManagerParams, type ManagerState } from './manager'
export type { ManagerSettings } from './controller'
export { recommendationsOf } from './podautoscaler/recommendations'
export { controllers } from './registry'
