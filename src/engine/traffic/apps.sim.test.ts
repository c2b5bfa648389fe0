import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Bench, outside, pod } from './traffic.testing'

const folder = new URL('../../../../shared/kubernetes/manifests/apps/', import.meta.url)

/** The calls of a journey, as `pod's application → service`. */
const calls = (j: ReturnType<Bench['ask']>): readonly string[] => j.trips.filter((t) => t.kind === 'call').map((t) => `${t.client.split('/')[1]?.split('-').slice(0, -2).join('-') ?? ''} → ${t.service.split('/')[1] ?? ''}`)

describe.runIf(existsSync(folder))('well-known applications, from their own manifests', () => {
  const install = (name: string, ...before: readonly string[]): Bench => {
    const b = new Bench()
    b.type('kubectl run box --image=busybox -- sleep infinity', ...before)
    return b.apply(readFileSync(new URL(`app-${name}.yaml`, folder), 'utf8')).run(150)
  }

  it('guestbook: the page asks a follower of Redis, and now and then the leader', () => {
    const b = install('guestbook')
    const seen = new Set<string>()
    for (let i = 0; i < 25; i++) {
      const j = b.ask(pod('box'), 'http://frontend')
      expect(j).toMatchObject({ outcome: 'ok', status: 200 })
      for (const c of calls(j)) seen.add(c)
    }
    // This release of the manifest calls them so; others say follower and leader, or slave and master.
    expect([...seen].sort()).toEqual(['frontend → redis-master', 'frontend → redis-replica'])
  })
  it('voting app: votes go to Redis, results come from the database', () => {
    const b = install('voting-app')
    const services = [...b.c.objects('services')].filter((s) => s.metadata.namespace !== 'kube-system').map((s) => `${s.metadata.namespace ?? ''}/${s.metadata.name ?? ''}`)
    const at = (name: string) => services.find((s) => s.endsWith(`/${name}`))?.split('/')[0] as string
    const vote = b.object<{ spec: { clusterIP: string; ports: { port: number }[] } }>('services', 'vote', at('vote'))
    const j = b.ask(pod('box'), `http://${vote.spec.clusterIP}:${vote.spec.ports[0]?.port ?? 0}`)
    expect(j).toMatchObject({ outcome: 'ok' })
    expect(calls(j)).toEqual(['vote → redis'])
    const result = b.object<typeof vote>('services', 'result', at('result'))
    expect(calls(b.ask(pod('box'), `http://${result.spec.clusterIP}:${result.spec.ports[0]?.port ?? 0}`))).toEqual(['result → db'])
  })
  it('sock shop: the catalogue asks its database, orders ask everybody', () => {
    // Recorded in a namespace of that name. Its probes begin after three minutes.
    const b = install('sock-shop', 'kubectl create namespace g-app-sock-shop').run(200)
    const ip = b.object<{ spec: { clusterIP: string } }>('services', 'front-end', 'g-app-sock-shop').spec.clusterIP
    expect(calls(b.ask(pod('box'), `http://${ip}/catalogue`))).toEqual(['front-end → catalogue', 'catalogue → catalogue-db'])
    expect(calls(b.ask(pod('box'), `http://${ip}/orders`))).toEqual(['front-end → session-db', 'front-end → orders', 'orders → user', 'user → user-db', 'orders → carts', 'carts → carts-db', 'orders → payment', 'orders → shipping', 'shipping → rabbitmq', 'orders → orders-db'])
  })
  it('microservices-demo: each page asks what it needs, those ask theirs; what can be done without may fail', () => {
    const b = install('microservices-demo')
    const ip = b.object<{ status: { loadBalancer: { ingress?: { ip: string }[] } } }>('services', 'frontend-external').status.loadBalancer.ingress?.[0]?.ip as string
    const j = b.ask(outside, `http://${ip}`)
    expect(j).toMatchObject({ outcome: 'ok', status: 200, service: 'default/frontend-external' })
    expect(calls(j)).toEqual(['frontend → currencyservice', 'frontend → productcatalogservice', 'frontend → cartservice', 'cartservice → redis-cart', 'frontend → adservice'])
    const product = b.ask(outside, `http://${ip}/product/OLJCESPC7Z`)
    expect(calls(product)).toEqual(expect.arrayContaining(['frontend → recommendationservice', 'recommendationservice → productcatalogservice']))
    const bought = b.ask(outside, `http://${ip}/cart/checkout`, { method: 'POST' })
    expect(bought.outcome).toBe('ok')
    expect(calls(bought)).toEqual(expect.arrayContaining(['frontend → checkoutservice', 'checkoutservice → paymentservice', 'checkoutservice → emailservice', 'checkoutservice → cartservice', 'cartservice → redis-cart']))
    // Each call asked for its name first, and lies in its caller's time.
    for (const t of j.trips) if (t.kind === 'call') expect(j.trips.some((d) => d.kind === 'dns' && j.trips[d.parent] === t)).toBe(true)
    // Without the cart's Redis the cart fails, and with it the page.
    b.type('kubectl scale deployment redis-cart --replicas=0').run(15)
    const failed = b.ask(outside, `http://${ip}`)
    expect(failed).toMatchObject({ outcome: 'server-error', status: 500 })
    expect(failed.hops.find((h) => !h.ok)?.text).toContain('default/redis-cart:tcp-redis has no endpoints')
    // It can do without advertisements.
    b.type('kubectl scale deployment redis-cart --replicas=1', 'kubectl scale deployment adservice --replicas=0').run(40)
    const without = b.ask(outside, `http://${ip}`)
    expect(without).toMatchObject({ outcome: 'ok', status: 200 })
    expect(without.trips.find((t) => t.service === 'default/adservice')).toMatchObject({ outcome: 'no-endpoints', stops: 'rules' })
  })
})
