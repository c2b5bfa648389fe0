import { useMemo, useState } from 'react'
import type { ServiceOnNode } from '../../../../bridge/protocol'
import { useAnswer } from '../../../state'

/**
 * What every node's kernel has about one Service, by node; in full for those in `nodes`. It is one answer, so all show one moment.
 * The map stays the same while nothing changed, because the layout hangs on it; until the first answer about another Service it is the old one.
 */
export function useServiceRules(service: string, nodes: readonly string[]): ReadonlyMap<string, ServiceOnNode> {
  const { value } = useAnswer({ about: 'service-rules', service, nodes }, true)
  const now = useMemo(() => (Array.isArray(value) ? JSON.stringify(value) : ''), [value])
  const [kept, setKept] = useState('[]')
  if (now !== '' && now !== kept) setKept(now)
  return useMemo(() => new Map((JSON.parse(kept) as readonly ServiceOnNode[]).map((row) => [row.node, row])), [kept])
}
