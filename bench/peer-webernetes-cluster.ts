import { BaseImage, Cluster, type ProcessContext } from '@ngrok/webernetes'

/** The peer's image: one web server. */
export class Web extends BaseImage {
  static readonly imageName = 'web'
  static readonly imageVersion = '1.0'
  readonly defaultCommand = ['server']

  override async exec(ctx: ProcessContext, argv: readonly string[]): Promise<number> {
    if (argv[0] !== 'server') return super.exec(ctx, argv)
    ctx.listenHttp(8080, async () => ({ status: 200, body: 'ok\n' }))
    return ctx.waitUntilKilled()
  }
}

/** A Deployment of it. */
export function webDeployment(replicas: number) {
  const labels = { app: 'web' }
  return {
    apiVersion: 'apps/v1' as const,
    kind: 'Deployment' as const,
    metadata: { name: 'web' },
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web:1.0' }] } } },
  }
}

/**
 * The peer: a new @ngrok/webernetes cluster with one Deployment, when an informer has seen every replica Ready. It runs in real time, in
 * Node and in a page. Errors: throws when the replicas are not Ready within `timeoutSeconds`.
 */
export async function startWebernetes({ nodes, replicas, timeoutSeconds }: { readonly nodes: number; readonly replicas: number; readonly timeoutSeconds: number }): Promise<{ close(): Promise<void> }> {
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

  await cluster.apply([webDeployment(replicas)])

  const timeout = AbortSignal.timeout(timeoutSeconds * 1000)
  const tooLate = new Promise<never>((_, fail) => {
    timeout.onabort = () => fail(new Error(`webernetes: ${ready.size} of ${replicas} Ready after ${timeoutSeconds} s`))
  })
  await Promise.race([allReady, tooLate])
  return {
    close: async () => {
      await informer.stop()
      await cluster.close()
    },
  }
}
