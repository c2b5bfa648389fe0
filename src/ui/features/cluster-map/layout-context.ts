import { createContext, useContext } from 'react'
import type { Layout } from './layout'

/** The layout that the map is drawn by. */
export const LayoutContext = createContext<Layout | null>(null)

/** The layout of the surrounding map. */
export function useLayout(): Layout {
  const layout = useContext(LayoutContext)
  if (!layout) throw new Error('not on a map')
  return layout
}
