import { useSyncExternalStore } from 'react'

/** Layouts of design §13: full grid, grid with overlays, one column with a map, phone. */
export type Breakpoint = 'wide' | 'medium' | 'small' | 'phone'

const queries: readonly (readonly [Breakpoint, MediaQueryList])[] = [
  ['wide', matchMedia('(min-width: 1280px)')],
  ['medium', matchMedia('(min-width: 900px)')],
  ['small', matchMedia('(min-width: 600px)')],
]

function subscribe(wake: () => void): () => void {
  for (const [, query] of queries) query.addEventListener('change', wake)
  return () => queries.forEach(([, query]) => query.removeEventListener('change', wake))
}

/** The layout for the width of the window now. */
export function currentBreakpoint(): Breakpoint {
  return queries.find(([, query]) => query.matches)?.[0] ?? 'phone'
}

/** The same, following the window. */
export function useBreakpoint(): Breakpoint {
  return useSyncExternalStore(subscribe, currentBreakpoint)
}
