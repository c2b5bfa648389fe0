export type { Controller, ControllerEnv, Intent, RequestIntent } from './controller'
export { controllerManager, type ManagerParams, type ManagerState } from './manager'
export { controllers } from './registry'
