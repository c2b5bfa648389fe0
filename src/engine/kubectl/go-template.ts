import type { Thing } from './api'
import { fail } from './errors'
import { goPrint } from './print-flags'

/** Placeholder: see go-template.ts history. */
export function goTemplate(text: string): (data: Thing) => string {
  void text
  void goPrint
  throw fail('go-template is not supported yet')
}
