import type { Message } from '../sim'
import type { KubeObject } from '../apimachinery'
import type { ParsedPath } from './path'

/** Verbs of the API as authorization sees them. */
export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection'

/** Content types of a PATCH. */
export type PatchType = 'application/json-patch+json' | 'application/merge-patch+json' | 'application/strategic-merge-patch+json' | 'application/apply-patch+yaml'

/** What a request shows to say who sends it: a bearer token, or the subject of a certificate that the cluster's authority signed. Without both it is nobody's. */
export interface Credentials {
  readonly token?: string | undefined
  readonly subject?: { readonly name: string; readonly groups: readonly string[] } | undefined
}

/** One REST request as it crosses the wire. Immutable. */
export interface ApiRequest {
  readonly verb: Verb
  /** e.g. `/apis/apps/v1/namespaces/default/deployments/web/scale` */
  readonly path: string
  /** Query parameters: labelSelector, fieldSelector, limit, continue, resourceVersion, dryRun, fieldValidation, fieldManager, propagationPolicy … */
  readonly query?: Readonly<Record<string, string>> | undefined
  /** Parsed body: an object, a patch, DeleteOptions. */
  readonly body?: unknown
  readonly patchType?: PatchType | undefined
  /** Ask for a server-side Table (kubectl get does), or for who owns which field of the items of a list (what kubectl mostly throws away). */
  readonly accept?: 'table' | 'owners' | undefined
  /** Who the client's credentials say it is, e.g. `system:kube-scheduler`, `system:node:node-1`, `kubernetes-admin`. */
  readonly user: string
  /** User-Agent, e.g. `kube-controller-manager`, `kubectl`. */
  readonly agent: string
  /** In place of the client's own (`kubectl --token`, users of a kubeconfig). */
  readonly credentials?: Credentials | undefined
  /** Headers Impersonate-User, -Group, -Uid and -Extra-… (`kubectl --as`). */
  readonly impersonate?: {
    readonly user: string; readonly groups?: readonly string[] | undefined; readonly uid?: string | undefined; readonly extra?: Readonly<Record<string, readonly string[]>> | undefined
  } | undefined
}

/** What a request leaves to the client object to fill in. */
export type RequestInit = Omit<ApiRequest, 'user' | 'agent'>

/** A response. `code` 0 means that no server answered; the body then is a Status of reason `ConnectionRefused` or `ConnectionLost`. */
export interface ApiResponse {
  readonly code: number
  readonly body: KubeObject
  /** Texts of Warning headers. */
  readonly warnings?: readonly string[] | undefined
}

/** One event of a watch. An ERROR carries a Status. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  readonly object: KubeObject
  /** Trace record of the commit behind it (one message may carry several commits). */
  readonly cause?: number | undefined
}

/** client → server. `id` is unique per client. */
export interface RequestMessage extends Message {
  readonly type: 'request'
  readonly id: number
  readonly from: string
  readonly request: ApiRequest
  /** The request's path taken apart, where the sender has done that. */
  readonly path?: ParsedPath | undefined
}

/** server → client. For a watch, an error before the stream began; a stream that began answers only with WatchMessage. */
export interface ResponseMessage extends Message {
  readonly type: 'response'
  readonly id: number
  readonly response: ApiResponse
}

/** server → client: events of watch `id`, in order of revision. */
export interface WatchMessage extends Message {
  readonly type: 'watch'
  readonly id: number
  readonly events: readonly WatchEvent[]
}

/** client → server: stop watch `id`. */
export interface CancelWatch extends Message {
  readonly type: 'cancel-watch'
  readonly id: number
  readonly from: string
}

/** The one API server address all clients use (a load balancer would stand here). */
export const apiserverId = 'kube-apiserver'
