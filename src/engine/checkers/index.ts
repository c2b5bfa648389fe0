export type { Checker, CheckView } from './checker'
export { Checks } from './checks'
export { checkers } from './registry'
