import { controllers } from '../kube-controller-manager'

/** Controllers of kube-controller-manager, in order. */
export const controllerNames: readonly string[] = controllers.map((c) => c.name)
