import { useEffect, useState, type ComponentType, type ReactNode } from 'react'

/**
 * A component whose code comes when it is first shown; `meanwhile` stands in its place. Throws to the error boundary when the code cannot
 * be had, and tries again the next time. Not React's `lazy`: React takes up a suspended tree when nothing else is to be rendered, and on a
 * slow machine with time running fast something always is.
 */
export function lazily<P extends object>(load: () => Promise<ComponentType<P>>, meanwhile: ReactNode = null): ComponentType<P> {
  let Loaded: ComponentType<P> | undefined
  return function Lazily(props: P) {
    const [, loaded] = useState(false)
    useEffect(() => {
      if (Loaded) return
      let shown = true
      load().then(
        (component) => {
          Loaded = component
          if (shown) loaded(true)
        },
        (error: unknown) => shown && loaded(() => { throw error }),
      )
      return () => void (shown = false)
    }, [])
    return Loaded ? <Loaded {...props} /> : meanwhile
  }
}

/** What stands where a tab or a view will be. */
export const loading = <div className="grid h-full place-items-center p-3 text-12 text-text3">Loading…</div>
