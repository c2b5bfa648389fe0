import type { HPAScalingRules } from '../../api'
import { SECOND, type Micros } from '../../sim'
import type { HpaSettings } from './settings'

/** A proposal that was made, before stabilization. */
export interface Recommendation {
  readonly replicas: number
  readonly at: Micros
}

/** A change of the scale. `outdated`: no policy looks so far back; the next change takes its place. */
export interface ScaleEvent {
  readonly change: number
  readonly at: Micros
  outdated: boolean
}

/** A number of replicas with the condition that explains it. */
export interface Limited {
  readonly replicas: number
  readonly reason: string
  readonly message: string
}

const inRange = (replicas: number): Limited => ({ replicas, reason: 'DesiredWithinRange', message: 'the desired count is within the acceptable range' })
const tooFew = (replicas: number): Limited => ({ replicas, reason: 'TooFewReplicas', message: 'the desired replica count is less than the minimum replica count' })
const tooMany = (replicas: number): Limited => ({ replicas, reason: 'TooManyReplicas', message: 'the desired replica count is more than the maximum replica count' })
const tooFast = (replicas: number): Limited => ({ replicas, reason: 'ScaleUpLimit', message: 'the desired replica count is increasing faster than the maximum scale rate' })
const tooSteep = (replicas: number): Limited => ({ replicas, reason: 'ScaleDownLimit', message: 'the desired replica count is decreasing faster than the maximum scale rate' })

/** Most replicas in one step without `behavior`. Upstream: calculateScaleUpLimit */
export const scaleUpLimit = (current: number, s: HpaSettings): number => Math.trunc(Math.max(s.scaleUpFactor * current, s.scaleUpMinimum))

/** Keeps within minimum, maximum and the rate of growth. Upstream: convertDesiredReplicasWithRules */
export function withRules(current: number, desired: number, min: number, max: number, s: HpaSettings): Limited {
  const limit = scaleUpLimit(current, s)
  if (desired < min) return tooFew(min)
  if (max > limit) return desired > limit ? tooFast(limit) : inRange(desired)
  return desired > max ? tooMany(max) : inRange(desired)
}

/** What a scaling with `behavior` starts from. Rules have been defaulted by the API server. */
export interface BehaviorInput {
  readonly current: number
  readonly desired: number
  readonly min: number
  readonly max: number
  readonly up: HPAScalingRules
  readonly down: HPAScalingRules
  readonly ups: readonly ScaleEvent[]
  readonly downs: readonly ScaleEvent[]
  readonly now: Micros
}

/** Keeps within minimum, maximum and the policies. Upstream: convertDesiredReplicasWithBehaviorRate */
export function withBehavior(b: BehaviorInput): Limited {
  if (b.desired > b.current) {
    const limit = Math.max(b.current, policyUpLimit(b.current, b.ups, b.downs, b.up, b.now))
    if (b.max > limit) return b.desired > limit ? tooFast(limit) : inRange(b.desired)
    return b.desired > b.max ? tooMany(b.max) : inRange(b.desired)
  }
  if (b.desired < b.current) {
    const limit = Math.min(b.current, policyDownLimit(b.current, b.ups, b.downs, b.down, b.now))
    if (b.min < limit) return b.desired < limit ? tooSteep(limit) : inRange(b.desired)
    return b.desired < b.min ? tooFew(b.min) : inRange(b.desired)
  }
  return inRange(b.desired)
}

/** Upstream: calculateScaleUpLimitWithScalingRules */
export function policyUpLimit(current: number, ups: readonly ScaleEvent[], downs: readonly ScaleEvent[], rules: HPAScalingRules, now: Micros): number {
  if (rules.selectPolicy === 'Disabled') return current
  const limits = (rules.policies ?? []).map((p) => {
    const before = current - changeSince(ups, now - p.periodSeconds * SECOND) + changeSince(downs, now - p.periodSeconds * SECOND)
    // Rounded up, or a small percentage would never let anything grow. Go's doubles: 1.1 × 10 is 11.000000000000002 there too.
    return p.type === 'Pods' ? before + p.value : Math.ceil(before * (1 + p.value / 100))
  })
  return rules.selectPolicy === 'Min' ? Math.min(...limits) : Math.max(...limits)
}

/** Upstream: calculateScaleDownLimitWithBehaviors */
export function policyDownLimit(current: number, ups: readonly ScaleEvent[], downs: readonly ScaleEvent[], rules: HPAScalingRules, now: Micros): number {
  if (rules.selectPolicy === 'Disabled') return current
  const limits = (rules.policies ?? []).map((p) => {
    const before = current - changeSince(ups, now - p.periodSeconds * SECOND) + changeSince(downs, now - p.periodSeconds * SECOND)
    return p.type === 'Pods' ? before - p.value : Math.trunc(before * (1 - p.value / 100))
  })
  // The least change leaves the most replicas.
  return rules.selectPolicy === 'Min' ? Math.max(...limits) : Math.min(...limits)
}

function changeSince(events: readonly ScaleEvent[], since: Micros): number {
  let sum = 0
  for (const e of events) if (e.at > since) sum += e.change
  return sum
}

/** Remembers a change of the scale, in the place of one that no policy sees any more. Upstream: storeScaleEvent */
export function rememberChange(events: ScaleEvent[], rules: HPAScalingRules | undefined, change: number, now: Micros): void {
  let longest = 0
  for (const p of rules?.policies ?? []) longest = Math.max(longest, p.periodSeconds)
  let old = -1
  for (const [i, e] of events.entries()) {
    if (e.at < now - longest * SECOND) e.outdated = true
    if (e.outdated) old = i
  }
  const event: ScaleEvent = { change, at: now, outdated: false }
  if (old < 0) events.push(event)
  else events[old] = event
}

/** The highest recommendation of the last minutes; remembers this one. Upstream: stabilizeRecommendation */
export function stabilize(list: Recommendation[], desired: number, window: Micros, now: Micros): number {
  let most = desired
  let old = -1
  for (const [i, r] of list.entries()) {
    if (r.at < now - window) old = i
    else most = Math.max(most, r.replicas)
  }
  remember(list, old, desired, now)
  return most
}

/** The current scale, moved only as far as all recommendations of both windows agree; remembers this one. Upstream: stabilizeRecommendationWithBehaviors */
export function stabilizeWithBehavior(list: Recommendation[], current: number, desired: number, upSeconds: number, downSeconds: number, now: Micros): Limited {
  const upSince = now - upSeconds * SECOND
  const downSince = now - downSeconds * SECOND
  let low = desired
  let high = desired
  let old = -1
  for (const [i, r] of list.entries()) {
    if (r.at > upSince) low = Math.min(low, r.replicas)
    if (r.at > downSince) high = Math.max(high, r.replicas)
    if (r.at < upSince && r.at < downSince) old = i
  }
  const replicas = Math.min(Math.max(current, low), high)
  remember(list, old, desired, now)
  return desired >= current
    ? { replicas, reason: 'ScaleUpStabilized', message: 'recent recommendations were lower than current one, applying the lowest recent recommendation' }
    : { replicas, reason: 'ScaleDownStabilized', message: 'recent recommendations were higher than current one, applying the highest recent recommendation' }
}

function remember(list: Recommendation[], old: number, replicas: number, now: Micros): void {
  const r: Recommendation = { replicas, at: now }
  if (old < 0) list.push(r)
  else list[old] = r
}
