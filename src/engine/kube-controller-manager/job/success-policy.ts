import type { SuccessPolicy } from '../../api'
import { parseIndexes } from './indexes'

/** The message of the first rule that is met. Upstream: pkg/controller/job/success_policy.go matchSuccessPolicy */
export function matchSuccessPolicy(policy: SuccessPolicy | undefined, completions: number, succeeded: ReadonlySet<number>): string | undefined {
  if (policy === undefined || succeeded.size === 0) return undefined
  for (const [i, rule] of policy.rules.entries()) {
    const message = `Matched rules at index ${i}`
    if (rule.succeededIndexes !== undefined) {
      const required = parseIndexes(rule.succeededIndexes, completions)
      let hits = 0
      for (const index of required) if (succeeded.has(index)) hits++
      // A text that cannot be read requires nothing, and is never met.
      if (required.size > 0 && (rule.succeededCount === undefined ? hits === required.size : hits >= rule.succeededCount)) return message
    } else if (rule.succeededCount !== undefined && succeeded.size >= rule.succeededCount) return message
  }
  return undefined
}
