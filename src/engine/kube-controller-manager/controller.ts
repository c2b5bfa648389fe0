import type { Ctx, Micros, Rng, TraceObject } from '../sim'
import type { KubeObject } from '../apimachinery'
import type { ApiResponse, Cache, Delta, InformerOptions, ObjectReference, RateLimit, RequestInit } from '../client-go'

/** What a controller wants done. The manager carries intents out in order, one answer at a time, and stops at the first failure. */
export type Intent =
  | RequestIntent
  /** Requests sent side by side in slow-start batches of 1, 2, 4 …; after a batch with a failure the rest is not sent (see `onSkipped`). Upstream: controller.slowStartBatch */
  | { readonly do: 'slow-start'; readonly requests: readonly RequestIntent[] }
  /** Requests sent side by side, all of them. */
  | { readonly do: 'parallel'; readonly requests: readonly RequestIntent[] }
  /** A Kubernetes Event. */
  | { readonly do: 'event'; readonly about: ObjectReference; readonly type: 'Normal' | 'Warning'; readonly reason: string; readonly message: string }
  /** Look at the key again after a while. Units: µs. */
  | { readonly do: 'requeue'; readonly after: Micros; readonly key?: string | undefined }
  /** Look at the key again with the back-off of its failures, though this sync did not fail. Upstream: queue.AddRateLimited */
  | { readonly do: 'requeue-rate-limited' }
  /** Goes on in `resume` when all before is done. Reached after a failure too (what lies between is skipped), as a deferred call is. */
  | { readonly do: 'then'; readonly step: string; readonly data?: unknown }
  /** Fail the sync: the key comes back with its back-off. `message` is the error as upstream would log it. */
  | { readonly do: 'fail'; readonly message: string }

/** A request of a reconciler. */
export interface RequestIntent {
  readonly do: 'request'
  readonly request: RequestInit
  /** Reasons of a Status that count as success, e.g. `['NotFound']` for a delete. */
  readonly ignore?: readonly string[] | undefined
  /** Plain data for `onResponse`. */
  readonly tag?: unknown
  /** An update that writes over what this sync itself wrote: it carries the resourceVersion of the last answer about the object. */
  readonly follows?: boolean | undefined
  /** The sync fails unless the answer is the object of this uid, not being deleted. Upstream: controller.RecheckDeletionTimestamp, before adopting */
  readonly mustBe?: { readonly kind: string; readonly uid: string } | undefined
}

/** Flags of kube-controller-manager that controllers go by; what is left out has upstream's default. Units: µs. */
export interface ManagerSettings {
  readonly nodeMonitorPeriod?: Micros | undefined
  readonly nodeMonitorGracePeriod?: Micros | undefined
  readonly nodeStartupGracePeriod?: Micros | undefined
  readonly terminatedPodThreshold?: number | undefined
  /** --root-ca-file is what an API server without certificates of its own made: its certificate and behind it the CA. */
  readonly selfSigned?: boolean | undefined
}

/** What a reconciler may see and do. Reads come from caches, which may be stale. */
export interface ControllerEnv<S = unknown> {
  readonly ctx: Ctx
  readonly now: Micros
  readonly rng: Rng
  /** Of the command line. */
  readonly settings: ManagerSettings
  /** The controller's own memory (expectations, timers by key …); plain data, lost when the manager restarts. */
  readonly state: S
  cache<T extends KubeObject = KubeObject>(name: string): Cache<T>
  /** Watches a resource from now on; this controller alone hears of its changes. For those that no list of `informers` can name. */
  watch(options: InformerOptions): void
  /** Ends such a watch; what was there is told as deleted. */
  unwatch(name: string): void
  /** Puts a key in this controller's queue. */
  enqueue(key: string): void
  enqueueAfter(key: string, delay: Micros): void
}

/**
 * A controller: watches fill caches, deltas become keys, a key is reconciled into intents (law 5).
 * `reconcile` must not know which event woke it, and must not change anything but `env.state`.
 */
export interface Controller<S = unknown> {
  /** Upstream's name, e.g. `replicaset`. Shown as a chip. */
  readonly name: string
  /** Component of its Kubernetes Events, e.g. `replicaset-controller`. */
  readonly component: string
  /** Its service account, when that is not named as the component; empty: it has none, and is the manager itself. */
  readonly account?: string | undefined
  /** What it reads. The first asker's indexes count: ask for all that you use, the manager merges them. */
  readonly informers: readonly InformerOptions[]
  /** Pods (and the like) that somebody of another kind controls are none of its business: it is not told of their changes. */
  readonly owns?: { readonly kind: string; readonly resources: readonly string[] } | undefined
  /** Plural name of what its keys name, for the trace; `describe` when keys are of several kinds. */
  readonly resource: string
  describe?(key: string): TraceObject
  /** How many keys may be worked on at once. Upstream's default is 5 for most. */
  readonly workers: number
  /** Back-off of failing keys, when it is not the usual 5 ms × 2ⁿ to 1000 s. Units: µs. */
  readonly backoff?: { readonly base: Micros; readonly max: Micros } | undefined
  /** Its client's rate limit, when it is not the usual 20 a second with bursts of 30. */
  readonly limit?: RateLimit | undefined
  /** Makes the controller's own memory. */
  start(env: Omit<ControllerEnv<undefined>, 'state'>): S
  /** A change of a cache: note what it fulfils and enqueue keys. */
  onDelta(delta: Delta, env: ControllerEnv<S>): void
  /** Brings one key closer to what is wanted. No intents: nothing to do. */
  reconcile(key: string, env: ControllerEnv<S>): readonly Intent[]
  /** An answer to a request intent (also failures). May answer with more intents, done next (they replace the failure when `handled`). */
  onResponse?(key: string, tag: unknown, response: ApiResponse, env: ControllerEnv<S>): { readonly intents?: readonly Intent[]; readonly handled?: boolean } | void
  /** Goes on at a `then` intent. `error` is the failure so far; the sync fails with it afterwards whatever is answered here. */
  resume?(key: string, step: string, data: unknown, error: string | undefined, env: ControllerEnv<S>): readonly Intent[]
  /** Requests of a slow start that were not sent, because an earlier one failed. */
  onSkipped?(key: string, tags: readonly unknown[], env: ControllerEnv<S>): void
  /** Also called every `period` µs when given (for controllers that poll, e.g. the node monitor), or as its flags say: enqueue keys or do bookkeeping. */
  readonly period?: Micros | ((settings: ManagerSettings) => Micros)
  onPeriod?(env: ControllerEnv<S>): void
}
