export { cut, deadConnectionAfter, giveUp, mend, newNetwork, reachable, transport, type LinkTimes, type NetworkState } from './network'
