import { useCallback, useRef } from 'react'
import { useKubeloop, useUi } from '../../../state'
import { paintGlyph, paints, prepare } from './paint'
import { usePaint } from './use-paint'

/** The pods of a node as glyphs on one canvas: a thousand pods cost as many small drawings, and no elements. */
export function PodDots({ node, width, height, size = 11 }: { readonly node: string; readonly width: number; readonly height: number; readonly size?: number }) {
  const kubeloop = useKubeloop()
  const theme = useUi((ui) => ui.theme)
  const canvas = useRef<HTMLCanvasElement>(null)
  const { pods, podGroups } = kubeloop
  usePaint(
    () => {
      const g = canvas.current && prepare(canvas.current, width, height)
      if (!g) return
      const color = paints(theme)
      const pitch = size + 3
      const perRow = Math.max(1, Math.floor((width + 3) / pitch))
      const room = perRow * Math.max(1, Math.floor((height + 3) / pitch))
      podGroups.of(node).slice(0, room).forEach((key, i) => {
        const pod = pods.get(key)
        if (pod) paintGlyph(g, pod.glyph, (i % perRow) * pitch, Math.floor(i / perRow) * pitch, size, color)
      })
    },
    useCallback((wake: () => void) => podGroups.subscribePods(node, wake), [podGroups, node]),
  )
  return <canvas ref={canvas} style={{ width, height }} aria-hidden="true" />
}
