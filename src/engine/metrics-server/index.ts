// Door of the room `metrics-server`: what pods and nodes use, as metrics.k8s.io.
export { metricsServer } from './metrics-server'
