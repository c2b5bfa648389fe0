import { reducedMotion } from '../kit'

/**
 * How far the newest step's messages have travelled, from 0 (none has left) to 1 (all have arrived). It moves only while
 * a step that just happened takes its time on screen; a seek or a pause shows the whole step at once.
 */
export class StepMotion {
  /** 0 … 1 */
  progress = 1
  /** Real time that the step takes on screen. Units: ms. */
  spreadMs = 0
  #startedAt = 0
  #frame = 0
  readonly #listeners = new Set<() => void>()

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  begin(spreadMs: number): void {
    this.#stop()
    this.spreadMs = spreadMs
    if (spreadMs <= 0 || reducedMotion()) return this.#show(1)
    this.#startedAt = performance.now()
    this.#show(0)
    this.#frame = requestAnimationFrame(this.#tick)
  }

  /** Shows the end of the step now. */
  finish(): void {
    if (this.progress === 1) return
    this.#stop()
    this.#show(1)
  }

  readonly #tick = (time: number): void => {
    const progress = Math.min(1, Math.max(0, (time - this.#startedAt) / this.spreadMs))
    this.#frame = progress < 1 ? requestAnimationFrame(this.#tick) : 0
    this.#show(progress)
  }

  #stop(): void {
    if (this.#frame) cancelAnimationFrame(this.#frame)
    this.#frame = 0
  }

  #show(progress: number): void {
    this.progress = progress
    for (const listener of this.#listeners) listener()
  }
}
