export type { Controller, ControllerEnv, Intent, RequestIntent } from './controller'
export { controllerManager, type ManagerParams, type ManagerState } from './manager'
export { recommendationsOf } from './podautoscaler/recommendations'
export { controllers } from './registry'
