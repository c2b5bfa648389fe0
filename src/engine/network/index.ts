export { cut, deadConnectionAfter, giveUp, mend, newNetwork, reachable, transport, type NetworkState } from './network'
