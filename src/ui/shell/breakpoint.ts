import { useSyncExternalStore } from 'react'

/** Layouts of design §13: full grid, grid with overlays, one column with a map, phone. */
export type Breakpoint = 'wide' | 'medium' | 'small' | 'phone'

const widths: readonly (readonly [Breakpoint, number])[] = [['wide', 1280], ['medium', 900], ['small', 600]]

function subscribe(wake: () => void): () => void {
  const queries = widths.map(([, width]) => matchMedia(`(min-width: ${width}px)`))
  for (const query of queries) query.addEventListener('change', wake)
  return () => queries.forEach((query) => query.removeEventListener('change', wake))
}

/** The layout for the width of the window now. */
export function currentBreakpoint(): Breakpoint {
  return widths.find(([, width]) => innerWidth >= width)?.[0] ?? 'phone'
}

/** The same, following the window. */
export function useBreakpoint(): Breakpoint {
  return useSyncExternalStore(subscribe, currentBreakpoint)
}
