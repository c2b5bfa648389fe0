import { Network } from 'lucide-react'
import type { Slot } from '../../state'
import { ClusterMap } from './cluster-map'

/** The map of the cluster. */
export const mapView: Slot = { id: 'map', title: 'Map', Component: ClusterMap, Icon: Network }
