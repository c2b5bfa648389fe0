import { BaseImage, Cluster, type ProcessContext } from '@ngrok/webernetes'

/** What one cluster took to bring a Deployment up. Units: seconds; megabytes of resident memory. */
export interface BringUp {
  readonly nodes: number
  readonly replicas: number
  readonly cpuSeconds: number
  readonly wallSeconds: number
  readonly rssMegabytes: number
}

class Web extends BaseImage {
  static readonly imageName = 'web'
  static readonly imageVersion = '1.0'
  readonly defaultCommand = ['server']

  override async exec(ctx: ProcessContext, argv: readonly string[]): Promise<number> {
    if (argv[0] !== 'server') return super.exec(ctx, argv)
    ctx.listenHttp(8080, async () => ({ status: 200, body: 'ok\n' }))
    return ctx.waitUntilKilled()
  }
}

/**
 * The peer: @ngrok/webernetes brings up one Deployment, in this process (scripts/bench.mjs gives each bench its own).
 * Measured from before the cluster exists until an informer has seen every replica Ready. It runs in real time, so
 * CPU seconds are what to compare. Errors: throws when the replicas are not Ready within `timeoutSeconds`.
 */
export async function bringUpWebernetes({ nodes = 50, replicas = 1000, timeoutSeconds = 600 } = {}): Promise<BringUp> {
  const startedAt = performance.now()
  const cpuBefore = process.cpuUsage()
  const cluster = new Cluster({ nodes })
  cluster.registerImage(Web)
  await cluster.init()

  const ready = new Set<string>()
  let seenAll = () => {}
  const allReady = new Promise<void>((done) => (seenAll = done))
  const informer = cluster.informer(
    'pods',
    (type, pod) => {
      const name = pod.metadata?.name ?? ''
      const isReady = type !== 'delete' && pod.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True')
      if (isReady) ready.add(name)
      else ready.delete(name)
      if (ready.size >= replicas) seenAll()
    },
    { namespace: 'default' },
  )

  const labels = { app: 'web' }
  await cluster.apply([
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: {
        replicas,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web:1.0' }] } },
      },
    },
  ])

  const timeout = AbortSignal.timeout(timeoutSeconds * 1000)
  const tooLate = new Promise<never>((_, fail) => {
    timeout.onabort = () => fail(new Error(`webernetes: ${ready.size} of ${replicas} Ready after ${timeoutSeconds} s`))
  })
  await Promise.race([allReady, tooLate])

  const cpu = process.cpuUsage(cpuBefore)
  const wallSeconds = (performance.now() - startedAt) / 1000
  await informer.stop()
  await cluster.close()
  return {
    nodes,
    replicas,
    cpuSeconds: round((cpu.user + cpu.system) / 1e6),
    wallSeconds: round(wallSeconds),
    rssMegabytes: Math.round(process.memoryUsage.rss() / 1e6),
  }
}

const round = (x: number) => Math.round(x * 1000) / 1000
