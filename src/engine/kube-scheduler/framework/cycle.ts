import type { Plugin } from './plugin'

/** What plugins compute for one attempt to schedule one pod. Plain data. Upstream: framework.CycleState */
export class Cycle {
  private readonly data = new Map<string, unknown>()
  /** Plugins whose PreFilter said that their Filter has nothing to do. */
  readonly skipFilter: string[] = []
  /** Plugins whose PreScore said that their Score has nothing to do. */
  readonly skipScore: string[] = []

  read<T>(key: string): T | undefined {
    return this.data.get(key) as T | undefined
  }

  write(key: string, value: unknown): void {
    this.data.set(key, value)
  }

  /** Only what the given plugins computed in PreFilter: all that binding needs, so that nothing else is remembered meanwhile. */
  only(plugins: readonly Plugin[]): Cycle {
    const c = new Cycle()
    for (const p of plugins) if (this.data.has(p.name)) c.data.set(p.name, this.data.get(p.name))
    return c
  }

  /** A copy whose state the given plugins may change. */
  clone(plugins: readonly Plugin[]): Cycle {
    const c = new Cycle()
    c.skipFilter.push(...this.skipFilter)
    c.skipScore.push(...this.skipScore)
    for (const [k, v] of this.data) c.data.set(k, v)
    for (const p of plugins) {
      const state = this.data.get(p.name)
      if (p.copyState && state !== undefined) c.data.set(p.name, p.copyState(state))
    }
    return c
  }
}
