import { useMemo } from 'react'
import { useStore, useStoreApi } from '@xyflow/react'

/** The zoom of the surrounding map, as a percentage. */
export function useZoomPercent(): number {
  return useStore((s) => Math.round(s.transform[2] * 100))
}

/** Where the surrounding map's world lies in its window, without re-rendering: read it, and hear of changes. */
export function useViewport(): { readonly read: () => readonly [x: number, y: number, zoom: number]; readonly subscribe: (wake: () => void) => () => void } {
  const store = useStoreApi()
  return useMemo(() => ({
    read: () => store.getState().transform,
    subscribe: (wake) => store.subscribe((now, before) => now.transform !== before.transform && wake()),
  }), [store])
}
