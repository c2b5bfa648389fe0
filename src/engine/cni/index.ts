// Door of the room `cni`: addresses of pods on one node, and the policies of a plugin that knows them.
export { cniAdd, cniDel, derivedPodCIDR, newIpam, nodeNumber, parseCIDR, type IpamState } from './ipam'
export { policyAgent, policiesOver, policyVerdict, type PolicyAgentState, type PolicyPeer } from './policy'
