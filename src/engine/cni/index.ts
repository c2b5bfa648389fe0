// Door of the room `cni`: addresses of pods on one node.
export { cniAdd, cniDel, derivedPodCIDR, formatIP, newIpam, nodeNumber, parseCIDR, type IpamState } from './ipam'
