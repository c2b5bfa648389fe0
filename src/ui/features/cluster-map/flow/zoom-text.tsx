import { useStore } from '@xyflow/react'

/** The zoom of the surrounding map, as a percentage. */
export function useZoomPercent(): number {
  return useStore((s) => Math.round(s.transform[2] * 100))
}
