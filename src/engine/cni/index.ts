// Door of the room `cni`: addresses of pods on one node.
export { cniAdd, cniDel, derivedPodCIDR, newIpam, nodeNumber, type IpamState } from './ipam'
