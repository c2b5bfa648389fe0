import { resourceInfo } from '../../api'
import type { KubeObject } from '../../apimachinery'
import type { Column, ResourceStrategy } from './strategy'

/** What a kind's file says; the rest has usual values. */
export type StrategyInput<T extends KubeObject> =
  Pick<ResourceStrategy<T>, 'resource' | 'columns'> & Partial<Omit<ResourceStrategy<T>, 'resource' | 'columns'>>

/**
 * Completes a strategy: singular name from the kind, no subresources unless named, status and generation by what is declared.
 * Its functions are given decoded objects: zero structs (`spec`, `status`, `template.spec`) are there, absent lists may be null.
 */
export function define<T extends KubeObject>(input: StrategyInput<T>): ResourceStrategy {
  const info = resourceInfo(input.resource)
  if (info === undefined) throw new Error(`no resource ${input.resource}`)
  const made: ResourceStrategy<T> = {
    singular: info.kind.toLowerCase(),
    shortNames: [],
    subresources: [],
    hasStatus: input.subresources?.includes('status') ?? false,
    hasGeneration: false,
    ...input,
  }
  // A strategy is only ever given objects of its own kind; TypeScript cannot know.
  return made as unknown as ResourceStrategy
}

/** `metadata.name`, first column of almost every table. */
export const nameColumn: Column<KubeObject> = { name: 'Name', type: 'string', format: 'name', priority: 0, value: (o) => o.metadata.name }

/** Age since creation. */
export const ageColumn: Column<KubeObject> = { name: 'Age', type: 'string', priority: 0, value: (o, print) => print.age(o.metadata.creationTimestamp) }

/** A column that is always shown. */
export function column<T extends KubeObject>(name: string, value: Column<T>['value'], type: Column<T>['type'] = 'string'): Column<T> {
  return { name, type, priority: 0, value }
}

/** A column of `-o wide`. */
export function wide<T extends KubeObject>(name: string, value: Column<T>['value'], type: Column<T>['type'] = 'string'): Column<T> {
  return { name, type, priority: 1, value }
}
