/** A request as the controller reads it. `port`: of its own container, where it came in. */
export interface RequestLine {
  readonly host: string
  /** With its query. */
  readonly path: string
  readonly tls: boolean
  readonly port: number
  readonly method: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
}

/** One of the places that a request may go to. `status`: it is answered with this instead; 0: it goes to an endpoint. */
export interface Backend {
  readonly weight: number
  /** `namespace/name`; empty: none. */
  readonly service: string
  readonly status: number
  readonly text: string
  readonly endpoints: readonly { readonly ip: string; readonly port: number }[]
}

/** A place that gets a copy of some requests; nobody waits for its answer. */
export interface Mirror {
  readonly backend: Backend
  /** So many of so many. */
  readonly share: number
  readonly of: number
}

/** What is decided about a request. Backends are chosen among by their weights. `timeout`: the answer must be there by then, else it is 504. Units: µs. */
export type Route =
  | { readonly kind: 'upstream'; readonly text: string; readonly certificate: string; readonly backends: readonly Backend[]; readonly total: number; readonly host: string; readonly path: string; readonly timeout?: number | undefined; readonly mirrors?: readonly Mirror[] | undefined }
  /** Status 0: the connection is closed. */
  | { readonly kind: 'status'; readonly text: string; readonly certificate: string; readonly status: number }
