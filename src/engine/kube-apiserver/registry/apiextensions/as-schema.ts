import type { JSONSchemaProps } from '../../../api'
import { isObject } from '../../../apimachinery'

/** A schema within a schema; undefined where there is none, or only true or false (`additionalProperties`). */
export const asSchema = (s: unknown): JSONSchemaProps | undefined => (isObject(s) ? (s as JSONSchemaProps) : undefined)
