import { useEffect, useState } from 'react'
import { useKubeloop } from '../../../state'
import { useLayout } from '../layout-context'
import { pathOf, routeOf } from './routes'

/** How long a heartbeat stands on the map. Units: ms. */
const shownFor = 900

/** Most that are shown at once: of more, one sees only that there are many. */
const mostShown = 60

interface Beat {
  readonly id: number
  readonly node: string
}

/** The writes by which nodes say that they live; otherwise the ring of each node tells of them. Drawn as one hears of them. */
export function Heartbeats() {
  const layout = useLayout()
  const { nodes, clock } = useKubeloop()
  const [beats, setBeats] = useState<readonly Beat[]>([])
  useEffect(() => {
    const heard = new Map([...nodes.rows.values()].map(({ key, heardAt }) => [key, heardAt]))
    const timers = new Set<number>()
    let last = clock.now
    let id = 0
    const stop = nodes.subscribeAll(() => {
      const back = clock.now < last
      last = clock.now
      const found: Beat[] = []
      for (const { key, heardAt } of nodes.rows.values()) {
        const before = heard.get(key)
        heard.set(key, heardAt)
        if (!back && before !== undefined && heardAt > before) found.push({ id: ++id, node: key })
      }
      if (found.length === 0) return
      setBeats((all) => [...all, ...found].slice(-mostShown))
      const timer = window.setTimeout(() => {
        timers.delete(timer)
        setBeats((all) => all.filter((beat) => !found.includes(beat)))
      }, shownFor)
      timers.add(timer)
    })
    return () => {
      stop()
      for (const timer of timers) clearTimeout(timer)
    }
  }, [nodes, clock])
  return beats.map(({ id, node }) => {
    const route = routeOf(layout, `kubelet@${node}`, 'kube-apiserver', 'write')
    if (!route) return null
    return (
      <g key={id} className="beat" data-end={layout.ofNode.get(node)}>
        <path d={pathOf(route.points)} className="hop" />
        <circle cx={route.mark.x} cy={route.mark.y} r="4" />
      </g>
    )
  })
}
