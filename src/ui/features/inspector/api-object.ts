import type { ObjectRef } from './subject'
import { useAnswer } from '../../state'

/** As much of an API object as the inspector reads; every field may be missing. */
export interface ApiObject {
  readonly apiVersion?: string
  readonly kind?: string
  readonly metadata?: {
    readonly uid?: string
    readonly resourceVersion?: string
    readonly generation?: number
    readonly creationTimestamp?: string
    readonly deletionTimestamp?: string | null
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
    readonly finalizers?: readonly string[]
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string; readonly controller?: boolean }[]
  }
  readonly spec?: {
    readonly containers?: readonly Container[]
    readonly tolerations?: readonly { readonly key?: string; readonly effect?: string; readonly operator?: string; readonly tolerationSeconds?: number }[]
    readonly restartPolicy?: string
    readonly terminationGracePeriodSeconds?: number
    readonly podCIDR?: string
    readonly selector?: Readonly<Record<string, unknown>> & { readonly matchLabels?: Readonly<Record<string, string>> }
    readonly strategy?: { readonly type?: string; readonly rollingUpdate?: { readonly maxSurge?: number | string; readonly maxUnavailable?: number | string } }
    readonly sessionAffinity?: string
  }
  readonly status?: {
    readonly conditions?: readonly Condition[]
    readonly qosClass?: string
    readonly containerStatuses?: readonly ContainerStatus[]
    readonly initContainerStatuses?: readonly ContainerStatus[]
    readonly addresses?: readonly { readonly type: string; readonly address: string }[]
    readonly nodeInfo?: { readonly kubeletVersion?: string; readonly containerRuntimeVersion?: string }
    readonly observedGeneration?: number
    readonly message?: string
    readonly reason?: string
  }
  readonly data?: Readonly<Record<string, unknown>>
}

export interface Condition {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly message?: string
  readonly lastTransitionTime?: string | null
}

interface Container {
  readonly name: string
  readonly image?: string
  readonly resources?: { readonly requests?: Readonly<Record<string, string | number>>; readonly limits?: Readonly<Record<string, string | number>> }
}

interface ContainerStatus {
  readonly name: string
  readonly restartCount?: number
  readonly state?: Readonly<Record<string, { readonly reason?: string; readonly message?: string; readonly exitCode?: number } | undefined>>
}

/** The whole object, following the moment; undefined until it is there, null when it cannot be had. */
export function useObject(ref: ObjectRef | null): { readonly object: ApiObject | undefined; readonly error: string | null } {
  const { value, error } = useAnswer(ref && { about: 'object', resource: ref.resource, namespace: ref.namespace, name: ref.name })
  return { object: value === null || value === undefined ? undefined : (value as ApiObject), error }
}
