import { bringUpWebernetes } from './peer-webernetes'

export const name = 'webernetes 0.3.5: replicas until all Ready'

/** Alone, to see the peer's own figure. PEER_REPLICAS and PEER_NODES choose a smaller cluster. */
export async function run(): Promise<Record<string, unknown>> {
  return { ...(await bringUpWebernetes({ nodes: Number(process.env.PEER_NODES ?? 50), replicas: Number(process.env.PEER_REPLICAS ?? 1000) })) }
}
