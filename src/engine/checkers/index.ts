export { Checks } from './checks'
export { checkers } from './registry'
