import type { TripStop } from '../../../../bridge/protocol'
import { boxHead, ruleY, tileOf } from './geometry'
import { serviceOfBalancer, type Places, type Way } from './ways'

/** Where a word about requests may stand without hiding what matters: its right end, and its middle. */
export interface Spot {
  readonly key: string
  readonly right: number
  readonly y: number
  /** What it is about, when the place does not tell. */
  readonly about?: string
}

/** At the end of a pod's tile, over its address; of a pod without a tile on the line above the pods. */
export function podSpot(places: Places, pod: string, node: string): Spot | undefined {
  const { geometry } = places
  const row = places.pod(pod)
  const home = row?.node ?? node
  const tile = row && tileOf(geometry, row.node, row.key)
  if (!tile) {
    const spot = nodeSpot(places, home)
    return spot && !geometry.small ? { ...spot, about: 'others' } : spot
  }
  return { key: `pod ${pod}`, right: tile.x + tile.width - 4, y: tile.height >= 30 ? tile.y + tile.height - 9 : tile.y + tile.height / 2 }
}

/** On the line above a node's pods; on a small card under its name. */
export function nodeSpot(places: Places, node: string): Spot | undefined {
  const { geometry } = places
  const item = geometry.byId.get(`node:${node}`)
  if (!item) return undefined
  const y = item.type === 'node' ? item.y + geometry.plan.podsY + 9 : item.type === 'small' ? item.y + item.height - 11 : item.y + item.height / 2
  return { key: `node ${node}`, right: item.x + item.width - 11, y }
}

/** On the line of a Service's addresses in a node's rules; of a Service whose rules are not shown where its requests pass. */
export function rulesSpot(places: Places, node: string, service: string): Spot | undefined {
  const { geometry } = places
  const item = geometry.byId.get(`node:${node}`)
  if (!item) return undefined
  if (item.type !== 'node' || geometry.plan.rules.height === 0) return nodeSpot(places, node)
  const shown = service === places.service
  const right = item.x + item.width - 15
  if (shown) return { key: `rules ${node}`, right, y: item.y + geometry.plan.rules.y + boxHead + 13 }
  return { key: `rules ${node} ${geometry.plan.rules.foot ? '' : service}`, right, y: ruleY(geometry, node, -1), about: geometry.plan.rules.foot ? service.slice(service.indexOf('/') + 1) : '' }
}

/** On the upper edge of a card. */
function topSpot(places: Places, id: string): Spot | undefined {
  const item = places.geometry.byId.get(id)
  return item && { key: `top ${id}`, right: item.x + item.width - 8, y: item.y }
}

/** Where a client's failures are told. */
export function clientSpot(places: Places, client: string): Spot | undefined {
  const you = places.geometry.byId.get('you')
  if (client === 'outside') return you && { key: 'client', right: you.x + you.width - 8, y: you.y + you.height - 20 }
  return places.isNode(client) ? nodeSpot(places, client) : podSpot(places, client, '')
}

/** Where it is told that a trip got no farther. */
export function stopSpot(places: Places, trip: Way, stops: TripStop): Spot | undefined {
  switch (stops) {
    case 'client':
      return clientSpot(places, trip.client)
    case 'balancer':
      return topSpot(places, `balancer:${serviceOfBalancer(trip.balancer)}`) ?? clientSpot(places, trip.client)
    case 'entry':
      return topSpot(places, `node:${trip.entry}`)
    case 'rules':
      return rulesSpot(places, trip.entry, trip.service)
    case 'network':
      return trip.node !== '' ? nodeSpot(places, trip.node) : trip.entry !== '' ? rulesSpot(places, trip.entry, trip.service) : clientSpot(places, trip.client)
    default:
      return podSpot(places, trip.pod, trip.node)
  }
}
