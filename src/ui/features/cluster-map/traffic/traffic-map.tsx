import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import type { JourneyHop, PodRow } from '../../../../bridge/protocol'
import { isCoarsePointer } from '../../../kit'
import { useAnswer, useKeys, useKubeloop, useRows, useTrafficPart, useUi, type Kubeloop, type TrafficLog } from '../../../state'
import { Flow, useZoomPercent, type ItemComponent, type MapView } from '../flow'
import { ZoomControl } from '../legend'
import { TrafficCanvas } from './canvas'
import { BalancerCard, ClientCard, FoldedSpine, RulesCard, ServiceCard, SmallNode, StripNode } from './cards'
import { TrafficContext, type TrafficView } from './context'
import { Focus, useFocus, watchFocus } from './focus'
import { geometryOf, type Geometry } from './geometry'
import { JourneyLines } from './journey-lines'
import { TrafficNode } from './node-card'
import { useServiceRules } from './use-rules'
import type { Places } from './ways'
import { natural } from '../natural'
import './traffic.css'

const types: Readonly<Record<string, ItemComponent>> = { spine: FoldedSpine, you: ClientCard, balancer: BalancerCard, service: ServiceCard, node: TrafficNode, small: SmallNode, strip: StripNode, rules: RulesCard }

/** Nodes whose rules are read in full, for the cards; of more, those that are looked at. */
const mostRead = 13

/** The traffic layer: requests from client to pod, over what each node does with them. */
export function TrafficMap({ width, height, onView }: { readonly width: number; readonly height: number; readonly onView: (view: MapView) => void }) {
  const touched = useRef(false)
  const [view, setView] = useState<MapView | null>(null)
  const [focus] = useState(() => new Focus())
  const traffic = useTrafficLayer(width, height, focus)
  const kubeloop = useKubeloop()
  const [map, setMap] = useState<HTMLElement | null>(null)
  useEffect(() => (map ? watchFocus(map, kubeloop, focus) : undefined), [map, kubeloop, focus])
  const { geometry } = traffic
  useEffect(() => {
    if (!touched.current) view?.fit(geometry, 0.8)
  }, [view, geometry])
  // The station that is looked at is in sight, beside the panel that tells of it.
  const { hop } = traffic
  useEffect(() => {
    const disc = hop && map?.querySelector('.jlines .current')
    if (disc) view?.reveal(disc, document.querySelector('section[aria-label="Inspector"]'))
  }, [hop, map, view, geometry])
  const take = useCallback((next: MapView) => {
    setView(next)
    onView(next)
  }, [onView])
  return (
    <TrafficContext value={traffic}>
      <Flow
        items={geometry.items} types={types} sparse={geometry.items.length > 60} onView={take} over={<JourneyLines />}
        onMoved={() => { touched.current = true }}
        controls={<><span ref={(element) => setMap(element?.closest<HTMLElement>('.map') ?? null)} hidden /><TrafficCanvas /><Controls geometry={geometry} selected={traffic.journey !== undefined} height={height} onFit={() => { touched.current = false; view?.fit(geometry, 0.2) }} zoomBy={(factor) => view?.zoomBy(factor)} /></>}
      />
    </TrafficContext>
  )
}

function Controls({ geometry, selected, height, zoomBy, onFit }: { readonly geometry: Geometry; readonly selected: boolean; readonly height: number; readonly zoomBy: (factor: number) => void; readonly onFit: () => void }) {
  const percent = useZoomPercent()
  return (
    <>
      {geometry.height <= height + 8 && (
        <div className="legend" aria-hidden="true">
          {selected ? <>
            <span><svg width="28" height="12"><path d="M0 6h22" stroke="var(--accent)" strokeWidth="3" /></svg>selected request</span>
            <span><svg width="28" height="12"><path d="M1 6h27" stroke="var(--accent)" strokeWidth="1.5" strokeDasharray="2 5" strokeLinecap="round" /></svg>names it asks for, calls</span>
          </> : <>
            <span><svg width="28" height="12"><path d="M0 6h28" stroke="var(--line3)" strokeWidth="1.5" /><circle cx="14" cy="6" r="3" fill="var(--ok)" /></svg>requests, slowed</span>
            <span><svg width="14" height="14"><circle cx="7" cy="7" r="4.5" fill="var(--accent)" /></svg>yours</span>
          </>}
          <span><svg width="14" height="14"><circle cx="7" cy="7" r="6" fill="var(--err)" /></svg>failed</span>
        </div>
      )}
      <ZoomControl percent={percent} zoomBy={zoomBy} fit={onFit} />
    </>
  )
}

/** Everything that the layer is drawn by. It changes when something comes, goes or is chosen; requests move outside React. */
function useTrafficLayer(width: number, height: number, focus: Focus): TrafficView {
  const kubeloop = useKubeloop()
  const { nodes, pods } = kubeloop
  const nodeKeys = useKeys(nodes)
  const services = useRows(kubeloop.services)
  const wanted = useUi((ui) => ui.trafficService)
  const selection = useUi((ui) => ui.selection)
  const hopIndex = useUi((ui) => ui.hop)
  const id = selection?.kind === 'request' ? Number(selection.key) : 0
  const known = useTrafficPart((traffic) => (id > 0 ? traffic.journey(id) : undefined))
  const { value } = useAnswer(id > 0 && !known ? { about: 'journey', id } : null)
  const journey = known ?? (id > 0 && value ? (value as TrafficView['journey']) : undefined)
  const hop: JourneyHop | undefined = journey?.hops[hopIndex]

  const nameList = [...services.values()].filter(({ type }) => type !== 'ExternalName').sort((a, b) => Number(a.namespace === 'kube-system') - Number(b.namespace === 'kube-system') || Number(a.name === 'kubernetes') - Number(b.name === 'kubernetes') || (a.name < b.name ? -1 : 1)).map((s) => `${s.namespace}/${s.name}`).join('\n')
  const names = useMemo(() => (nameList === '' ? [] : nameList.split('\n')), [nameList])
  const most = useTrafficPart((traffic) => busiest(traffic, names))
  const chosen = selection?.kind === 'service' ? services.get(selection.key) : undefined
  const selected = chosen && `${chosen.namespace}/${chosen.name}`
  const service = selected !== undefined && names.includes(selected) ? selected : journey?.service && names.includes(journey.service) ? journey.service : names.includes(wanted) ? wanted : (most ?? names[0] ?? '')
  const roles = nodeKeys.map((key) => `${key} ${nodes.get(key)?.roles.includes('control-plane') ? 1 : 0}`).join('\n')
  const nodeList = useMemo(() => (roles === '' ? [] : roles.split('\n').map((line) => ({ key: line.slice(0, -2), controlPlane: line.endsWith('1') })).sort((a, b) => natural(a.key, b.key))), [roles])
  // Of many nodes only the one that is looked at is read in full: pointed at, selected, or where the rules of the request decide.
  const many = nodeList.length > mostRead
  const pointed = useFocus(focus)
  const chosenNode = selection?.kind === 'node' ? selection.key : selection?.kind === 'pod' ? (pods.get(selection.key)?.node ?? '') : ''
  const trip = hop ? journey?.trips[hop.trip] : journey?.trips[0]
  const closeUp = many ? [pointed, chosenNode, trip?.entry ?? ''].find((name) => name !== '' && nodes.get(name)) ?? '' : ''
  const read = useMemo(() => (many ? (closeUp === '' ? [] : [closeUp]) : nodeList.map(({ key }) => key)), [many, closeUp, nodeList])
  const rules = useServiceRules(service, read)
  const balancers = [...services.values()].filter((s) => s.type === 'LoadBalancer' && s.externalIP !== '' && !s.externalIP.startsWith('<')).map((s) => `${s.namespace}/${s.name}`).sort((a, b) => Number(b === service) - Number(a === service) || (a < b ? -1 : 1)).slice(0, 2).join('\n')

  // Which pods matter: endpoints of the Service, the journey's own, then the person's, then the system's.
  const endpoints = useMemo(() => {
    const ips = new Set<string>()
    for (const { port } of rules.values()) if (port) for (const e of [...port.endpoints, ...port.externalEndpoints]) ips.add(e.ip)
    return ips
  }, [rules])
  const order = useSyncExternalStore(useCallback((wake: () => void) => pods.subscribeAll(wake), [pods]), () => orderOf(kubeloop, nodeList.map(({ key }) => key), endpoints, journey ? journey.trips.flatMap((t) => [t.pod, t.client]) : []))
  const rows = Math.max(0, ...[...rules.values()].map(({ endpoints: n }) => n))
  const geometry = useMemo(() => geometryOf({
    width: width || 864, height: height || 636, top: innerWidth < 600 ? 12 : 58, bottom: isCoarsePointer() ? 56 : 30, nodes: nodeList, balancers: balancers === '' ? [] : balancers.split('\n'), endpoints: rows, touch: isCoarsePointer(),
    pods: new Map(order === '' ? [] : order.split('\n').map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1).split(' ').filter(Boolean)])),
  }), [width, height, nodeList, balancers, rows, order])

  const places = useMemo((): Places => {
    const byName = new Map<string, PodRow>()
    for (const pod of pods.rows.values()) byName.set(`${pod.namespace}/${pod.name}`, pod)
    void order // pods have come or gone
    const routes = [...rules.keys()]
    return {
      geometry, service,
      pod: (name) => {
        const row = byName.get(name)
        return row && row.node !== null ? { key: row.key, node: row.node, ip: row.ip } : undefined
      },
      ruleRow: (node, ip) => {
        const port = rules.get(node)?.port
        return (port && port.endpoints.length > 0 ? port.endpoints : (port?.externalEndpoints ?? [])).findIndex((e) => e.ip === ip)
      },
      routeRow: (to) => routes.indexOf(to),
      isNode: (name) => geometry.cells.has(name),
    }
  }, [geometry, pods, rules, service, order])
  return useMemo(() => ({ geometry, places, service, services: names, rules, journey, hop, focus, closeUp }), [geometry, places, service, names, rules, journey, hop, focus, closeUp])
}

/** The Service with the most requests of late. */
function busiest(traffic: TrafficLog, names: readonly string[]): string | undefined {
  const sums = new Map<string, number>()
  for (const { service, sent } of traffic.flows.values()) if (service !== '' && service !== 'kube-system/kube-dns') sums.set(service, (sums.get(service) ?? 0) + sent)
  return [...sums].filter(([name]) => names.includes(name)).sort((a, b) => b[1] - a[1])[0]?.[0]
}

/** Pods of each node in the order in which they get a tile, as lines `node uid uid …`, so that it compares cheaply. */
function orderOf(kubeloop: Kubeloop, nodes: readonly string[], endpoints: ReadonlySet<string>, own: readonly string[]): string {
  const rank = (pod: PodRow | undefined): number => {
    if (!pod) return 9
    if (own.includes(`${pod.namespace}/${pod.name}`)) return 0
    return endpoints.has(pod.ip) ? 1 : pod.namespace === 'kube-system' ? 3 : 2
  }
  return nodes.map((node) => `${node} ${kubeloop.podGroups.of(node).map((key, i) => [rank(kubeloop.pods.get(key)), i, key] as const).sort((a, b) => a[0] - b[0] || a[1] - b[1]).map(([, , key]) => key).join(' ')}`).join('\n')
}
