/** Flags of kube-apiserver that this model has a meaning for; what is left out is as in the recordings' cluster. Frozen. */
export interface ApiServerSettings {
  /** Admission plugins that are on, by their names; left out: all that this model has. */
  readonly plugins?: readonly string[] | undefined
  /** `--authorization-mode`; left out: Node and RBAC. */
  readonly authorizationModes?: readonly string[] | undefined
  /** How long pods stay on a node that is not ready, or unreachable. Units: s; 300 when left out. */
  readonly notReadySeconds?: number | undefined
  readonly unreachableSeconds?: number | undefined
  readonly serviceCIDR?: string | undefined
  /** Resources of beta versions that `--runtime-config` and feature gates turned on. */
  readonly gated?: readonly string[] | undefined
  /** Who does not say who he is may be served (probes, for one). */
  readonly anonymousAuth?: boolean | undefined
}

/** As in the recordings. */
export const defaultSettings: ApiServerSettings = Object.freeze({})
