import { createContext, useContext, useEffect, useEffectEvent, useLayoutEffect } from 'react'

/**
 * The clock that everything on screen counts by: it shows simulated time, set from outside, and may glide to it.
 * It never advances on its own, so a paused simulation is a still picture. Units: µs of simulated time.
 */
export class SimClock {
  now = 0
  #from = 0
  #to = 0
  #startedAt = 0
  #glideMs = 0
  #frame = 0
  readonly #listeners = new Set<(now: number) => void>()

  /** Shows `to`; with `glideMs` > 0 the hands sweep there in that many real milliseconds. */
  set(to: number, glideMs: number): void {
    if (this.#frame) cancelAnimationFrame(this.#frame)
    this.#frame = 0
    if (glideMs <= 0 || to <= this.now || reducedMotion()) return this.#show(to)
    this.#from = this.now
    this.#to = to
    this.#glideMs = glideMs
    this.#startedAt = performance.now()
    this.#frame = requestAnimationFrame(this.#tick)
  }

  subscribe(listener: (now: number) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  readonly #tick = (time: number): void => {
    const u = Math.min(1, Math.max(0, (time - this.#startedAt) / this.#glideMs))
    this.#frame = u < 1 ? requestAnimationFrame(this.#tick) : 0
    this.#show(u < 1 ? Math.round(this.#from + (this.#to - this.#from) * u) : this.#to)
  }

  #show(now: number): void {
    this.now = now
    for (const listener of this.#listeners) listener(now)
  }
}

/** True when the person asked their system for less motion. */
export function reducedMotion(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches
}

const SimClockContext = createContext<SimClock>(new SimClock())

/** Gives the tree below it its clock. */
export const SimClockProvider = SimClockContext.Provider

/** The clock of this tree. */
export function useSimClock(): SimClock {
  return useContext(SimClockContext)
}

/** Calls `paint` with the simulated time now and at each tick, outside React: for text and rings that count. */
export function useTick(paint: (now: number) => void): void {
  const clock = useSimClock()
  const repaint = useEffectEvent(paint)
  useEffect(() => clock.subscribe((now) => repaint(now)), [clock])
  useLayoutEffect(() => repaint(clock.now)) // after each render: the data behind the paint may have changed with it
}
