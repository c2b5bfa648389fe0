import { createContext, useCallback, useContext, useEffect, useEffectEvent, useState, useSyncExternalStore } from 'react'
import { useStore } from 'zustand'
import type { ComponentRow, OutputRow, Question, StepRow } from '../../bridge/protocol'
import type { Kubeloop } from './kubeloop'
import type { Session } from './session'
import type { Table } from './table'
import type { TrafficLog } from './traffic-log'
import type { UiState } from './ui-state'

/** Between two renderings of a panel with much in it. Units: ms. */
const panelMs = 250

const KubeloopContext = createContext<Kubeloop | null>(null)

/** Gives the tree below it its cluster. */
export const KubeloopProvider = KubeloopContext.Provider

/** The cluster of this tree. */
export function useKubeloop(): Kubeloop {
  const kubeloop = useContext(KubeloopContext)
  if (!kubeloop) throw new Error('no KubeloopProvider above')
  return kubeloop
}

/** A part of what the newest frame says; select as little as possible, and nothing that is made anew each time. */
export function useSession<T>(select: (session: Session) => T): T {
  return useStore(useKubeloop().session, select)
}

/** A part of the page's own state. */
export function useUi<T>(select: (ui: UiState) => T): T {
  return useStore(useKubeloop().ui, select)
}

/** One row; re-renders when that row changes. */
export function useRow<T extends { readonly key: string }>(table: Table<T>, key: string): T | undefined {
  return useSyncExternalStore(
    useCallback((wake: () => void) => table.subscribe(key, wake), [table, key]),
    () => table.get(key),
  )
}

/** The keys of a table, sorted; re-renders when a row comes or goes. */
export function useKeys<T extends { readonly key: string }>(table: Table<T>): readonly string[] {
  return useSyncExternalStore(
    useCallback((wake: () => void) => table.subscribeKeys(wake), [table]),
    () => table.keys,
  )
}

/** All rows of a table; re-renders at most once per animation frame. For lists and counts, not for objects on the map. */
export function useRows<T extends { readonly key: string }>(table: Table<T>): ReadonlyMap<string, T> {
  useThrottled(useCallback((wake: () => void) => table.subscribeAll(wake), [table]), () => table.version)
  return table.rows
}

/** Keys of the pods on a node in the order in which they are shown; `shelf` for those without a node. */
export function usePodKeys(node: string): readonly string[] {
  const { podGroups } = useKubeloop()
  return useSyncExternalStore(
    useCallback((wake: () => void) => podGroups.subscribe(node, wake), [podGroups, node]),
    () => podGroups.of(node),
  )
}

/** The steps of the branch, known future included. Re-renders at most once per animation frame. */
export function useSteps(): readonly StepRow[] {
  const { steps } = useKubeloop()
  useThrottled(useCallback((wake: () => void) => steps.subscribe(wake), [steps]), () => steps.version)
  return steps.rows
}

/** What commands printed. */
export function useOutput(): readonly OutputRow[] {
  const { output } = useKubeloop()
  useThrottled(useCallback((wake: () => void) => output.subscribe(wake), [output]), () => output.version)
  return output.rows
}

/** Requests as frames tell them. Re-renders at most once per animation frame. */
export function useTraffic(): TrafficLog {
  const { traffic } = useKubeloop()
  useThrottled(useCallback((wake: () => void) => traffic.subscribe(wake), [traffic]), () => traffic.version)
  return traffic
}

/** A part of the requests; re-renders when that part changes. Select what compares by identity. */
export function useTrafficPart<T>(select: (traffic: TrafficLog) => T): T {
  const { traffic } = useKubeloop()
  return useSyncExternalStore(useCallback((wake: () => void) => traffic.subscribe(wake), [traffic]), () => select(traffic))
}

/** Requests and the time, for panels with much in them: re-renders a few times a second, and once when everything stands still. */
export function useTrafficMoment(): { readonly traffic: TrafficLog; readonly now: number } {
  const { traffic, session } = useKubeloop()
  const subscribe = useCallback((wake: () => void) => {
    const stops = [traffic.subscribe(wake), session.subscribe(wake)]
    return () => stops.forEach((stop) => stop())
  }, [traffic, session])
  useThrottled(subscribe, () => `${traffic.version} ${session.getState().clock.now}`, panelMs)
  return { traffic, now: session.getState().clock.now }
}

/** A control-plane component, or undefined when this cluster has none of that name. */
export function useComponent(key: string): ComponentRow | undefined {
  return useSession(useCallback((session: Session) => session.components.find((row) => row.key === key), [key]))
}

/**
 * The answer to a question about the present moment, asked again whenever the moment moves on (at most 4 times a second).
 * `value` is undefined until the first answer; an old answer stays while the next is on its way.
 * `live`: for what moves without the API server, as the rules in a kernel; asked again each simulated half second.
 */
export function useAnswer(question: Question | null, live = false): { readonly value: unknown; readonly error: string | null } {
  const kubeloop = useKubeloop()
  const id = question ? JSON.stringify(question) : null
  const [answer, setAnswer] = useState<{ id: string; value: unknown; error: string | null } | null>(null)
  const send = useEffectEvent(() => (question ? kubeloop.ask(question) : Promise.resolve(undefined)))
  useEffect(() => {
    if (id === null) return
    let live = true
    let busy = false
    let again = false
    let timer = 0
    let askedAt = 0
    const ask = (): void => {
      if (busy) {
        again = true
        return
      }
      busy = true
      again = false
      askedAt = kubeloop.session.getState().clock.now
      const settle = (value: unknown, error: string | null): void => {
        if (!live) return
        setAnswer({ id, value, error })
        timer = window.setTimeout(() => {
          busy = false
          if (again) ask()
        }, 250)
      }
      send().then(
        (value) => settle(value, null),
        (error: unknown) => settle(undefined, error instanceof Error ? error.message : String(error)),
      )
    }
    ask()
    const stop = kubeloop.session.subscribe((now, before) => {
      if (now.clock.revision !== before.clock.revision || now.clock.now < before.clock.now || now.step !== before.step || (live && now.clock.now - askedAt > 500_000)) ask()
    })
    return () => {
      live = false
      clearTimeout(timer)
      stop()
    }
  }, [kubeloop, id, live])
  return answer && answer.id === id ? answer : { value: undefined, error: null }
}

/** Re-renders when `read` gives a new value, at most once per animation frame, or per `everyMs`. */
function useThrottled(subscribe: (wake: () => void) => () => void, read: () => number | string, everyMs = 0): void {
  const throttled = useCallback(
    (wake: () => void) => {
      let [frame, timer] = [0, 0]
      const now = (): void => {
        frame = timer = 0
        wake()
      }
      const stop = subscribe(() => {
        if (everyMs > 0) timer ||= window.setTimeout(now, everyMs)
        else frame ||= requestAnimationFrame(now)
      })
      return () => {
        cancelAnimationFrame(frame)
        clearTimeout(timer)
        stop()
      }
    },
    [subscribe, everyMs],
  )
  useSyncExternalStore(throttled, read)
}
