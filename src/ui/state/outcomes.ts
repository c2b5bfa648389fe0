import type { Outcome } from '../../bridge/protocol'

/** All outcomes in the order in which flows and seconds count them. A test holds it against the engine's. */
export const outcomes = [
  'ok', 'client-gone', 'dns-nxdomain', 'dns-timeout', 'dns-failed', 'no-route', 'no-endpoints', 'dropped', 'policy', 'timeout', 'unreachable', 'refused', 'reset', 'slow', 'server-error',
] as const satisfies readonly Outcome[]

/** What became of a request, in a word or two. */
export const outcomeWords: Readonly<Record<Outcome, string>> = {
  ok: 'OK',
  'client-gone': 'No client',
  'dns-nxdomain': 'Unknown name',
  'dns-timeout': 'DNS timeout',
  'dns-failed': 'DNS failed',
  'no-route': 'No route',
  'no-endpoints': 'No endpoints',
  dropped: 'Dropped',
  policy: 'Policy',
  timeout: 'Timeout',
  unreachable: 'Unreachable',
  refused: 'Refused',
  reset: 'Reset',
  slow: 'Too slow',
  'server-error': 'Server error',
}

/** Why a request failed, as a clause for a person. */
export const outcomeReasons: Readonly<Record<Outcome, string>> = {
  ok: 'answered',
  'client-gone': 'nobody is there to send it',
  'dns-nxdomain': 'DNS knows no such name',
  'dns-timeout': 'DNS does not answer',
  'dns-failed': 'DNS cannot answer',
  'no-route': 'no way leads to the address',
  'no-endpoints': 'the Service has no endpoints: the node rejects it',
  dropped: 'the node’s rules drop it',
  policy: 'a NetworkPolicy drops it',
  timeout: 'nobody answers at the other end',
  unreachable: 'no pod has the address any more',
  refused: 'nothing listens there',
  reset: 'the server went away meanwhile',
  slow: 'the answer came too late',
  'server-error': 'the server answered an error',
}
