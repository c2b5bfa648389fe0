import type { ApiServerSettings } from '../settings'
import type { FieldError, KubeObject } from '../../apimachinery'

/** One column of a server-side Table. `value` is a cell as kubectl would print it (numbers stay numbers). */
export interface Column<T> {
  readonly name: string
  readonly type: 'string' | 'integer' | 'date'
  readonly format?: 'name'
  readonly description?: string
  /** 0: always shown; 1: only with `-o wide`. */
  readonly priority: 0 | 1
  /** `age` prints a timestamp as kubectl prints ages, at the request's time. */
  readonly value: (object: T, print: PrintContext) => string | number
}

/** What a cell may depend on besides its object. */
export interface PrintContext {
  /** µs since 1970. */
  readonly now: number
  age(timestamp: string | null | undefined): string
  /** False clips long lists of addresses. The server always prints wide, and kubectl drops the columns it does not show. */
  readonly wide?: boolean
}

/** What the server knows while it handles a write. */
export interface WriteContext {
  /** µs since 1970. */
  readonly now: number
  /** metav1.Time of now. */
  readonly time: string
  /** User that the request authenticated as. */
  readonly user: string
  readonly subresource: string
  /** Another object of the API as the watch cache knows it (admission, allocation). */
  get(resource: string, namespace: string, name: string): KubeObject | undefined
  list(resource: string, namespace?: string): Iterable<KubeObject>
  /** Revision of the last change of a resource. */
  changedAt(resource: string): number
  /** Flags of the server. */
  readonly settings?: ApiServerSettings
  /** Network of cluster IPs (`--service-cluster-ip-range`); 10.96.0.0/16 when absent. */
  readonly serviceCIDR?: string | undefined
  /** A draw of the server's random stream, [0, n). */
  draw(n: number): number
  /** Adds a Warning header. */
  warn(text: string): void
}

/**
 * A resource kind: how its objects are defaulted, checked and printed. One file per kind, one line in the registry.
 * The object given to `defaults` and the `prepare` functions is a fresh private copy: they change it in place. `old` is immutable.
 * Upstream: pkg/apis/<group>/<version>/defaults.go, pkg/apis/<group>/validation, pkg/registry/<group>/<resource>/strategy.go, pkg/printers/internalversion
 */
export interface ResourceStrategy<T extends KubeObject = KubeObject> {
  /** Plural name; its row in `api/resources.ts` gives group, version, kind and scope. */
  readonly resource: string
  readonly singular: string
  readonly shortNames: readonly string[]
  readonly categories?: readonly string[]
  /** Served subresources, e.g. `['status', 'scale']`. `binding`, `eviction`, `log`, `exec` … belong to pods. */
  readonly subresources: readonly string[]
  /** True when `status` is a subresource: writes to the main resource keep the old status, and the other way round. */
  readonly hasStatus: boolean
  /** True when metadata.generation counts changes of spec. */
  readonly hasGeneration: boolean
  /** Sent as a warning with every answer about such objects. Upstream: apiserver/pkg/endpoints/deprecation */
  readonly deprecated?: string
  /** How metadata.name is checked; DNS subdomain by default. Answers messages. */
  readonly validateName?: (name: string, prefix: boolean) => readonly string[]
  /** Sets defaults in place, as the server does on decoding (also what it reads from storage is defaulted by then). */
  defaults?(object: T): void
  prepareForCreate?(object: T, write: WriteContext): void
  /** Never called for a request that failed earlier. Allocations (cluster IP, node port) are made here, after validation would pass. */
  afterValidation?(object: T, old: T | undefined, write: WriteContext): readonly FieldError[]
  validate?(object: T, write: WriteContext): readonly FieldError[]
  prepareForUpdate?(object: T, old: T, write: WriteContext): void
  validateUpdate?(object: T, old: T, write: WriteContext): readonly FieldError[]
  prepareForStatusUpdate?(object: T, old: T, write: WriteContext): void
  validateStatusUpdate?(object: T, old: T, write: WriteContext): readonly FieldError[]
  /** Fields that a fieldSelector may name, besides metadata.name and metadata.namespace. */
  readonly fields?: Readonly<Record<string, (object: T) => string>>
  /** Columns of the Table, after which kubectl adds nothing. */
  readonly columns: readonly Column<T>[]
}
