import type { KubeObject, Status } from '../../apimachinery'
import type { Alongside, UserInfo } from '../flight'
import type { WriteContext } from '../registry/strategy'
import type { Served } from '../served'

/** What an admission plugin sees of a write. `object` is a private copy that mutating plugins change in place; absent for a delete. */
export interface AdmissionAttributes {
  readonly served: Served
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE'
  readonly subresource: string
  readonly namespace: string
  readonly name: string
  readonly object: KubeObject | undefined
  readonly old: KubeObject | undefined
  readonly user: UserInfo
  readonly write: WriteContext
  /** Other objects (changed copies) that are to be written in the same transaction. */
  readonly alongside: Alongside[]
}

/** A refusal of admission: its text after `… is forbidden: `, or a whole Status. */
export type Refusal = string | Status

/** One admission plugin: one file, one line in the registry. Upstream: apiserver/pkg/admission.Interface, plugin/pkg/admission */
export interface AdmissionPlugin {
  readonly name: string
  /** Storage names of what it looks at; absent: everything. */
  readonly resources?: readonly string[]
  /** Changes the object, or refuses. */
  admit?(a: AdmissionAttributes): Refusal | undefined
  /** Looks at the finished object. */
  validate?(a: AdmissionAttributes): Refusal | undefined
}
