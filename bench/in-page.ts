import { startWebernetes } from './peer-webernetes-cluster'
import { bringUp } from './thousand-pods'

// What bench/thousand-chromium.bench.ts calls in a page.
Object.assign(globalThis, { bench: { ours: bringUp, webernetes: async (nodes: number, replicas: number) => (await startWebernetes({ nodes, replicas, timeoutSeconds: 600 })).close() } })
