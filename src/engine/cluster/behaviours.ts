import type { Behaviour } from '../sim'
import { kubectl } from '../kubectl'
import { controllerManager } from '../kube-controller-manager'

/** Behaviours of all processes that a cluster is made of. */
export const behaviours = [kubectl, controllerManager] as unknown as readonly Behaviour<never, never>[]
