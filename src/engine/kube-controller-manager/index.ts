export { controllerManager, type ManagerState } from './manager'
export { recommendationsOf } from './podautoscaler/recommendations'
export { controllers } from './registry'
