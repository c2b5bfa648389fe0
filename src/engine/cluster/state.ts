import type { NodeConfig } from './config'

/** What is true of a machine, whatever the API believes. */
export interface NodeState {
  readonly config: NodeConfig
  power: boolean
  link: boolean
}

/** A component of the control plane, as its supervisor sees it. */
export interface ComponentState {
  up: boolean
  crashes: number
  crashedAt: number
  /** When the supervisor starts it again; 0 when it does not. */
  restartAt: number
  /** The manifest of its static pod, while that is moved away; '' when it lies where it belongs, or there is none. */
  moved: string
}

/** Memory of the cluster itself (its one process): machines, components, the count of commands. */
export interface ClusterState {
  readonly nodes: Map<string, NodeState>
  readonly components: Map<string, ComponentState>
  nextCommand: number
  /** Namespace of kubectl's current context. */
  namespace: string
}
