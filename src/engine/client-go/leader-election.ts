import { SECOND, type Ctx, type Message } from '../sim'
import { resourcePath } from '../api'
import type { KubeObject } from '../apimachinery'
import type { Client, Reply } from './client'

interface Tick extends Message {
  readonly type: 'leaderelection/tick'
}

interface Answer extends Message {
  readonly type: 'leaderelection/get' | 'leaderelection/put'
}

type Lease = KubeObject & { readonly spec?: { readonly holderIdentity?: string; readonly leaseDurationSeconds?: number; readonly acquireTime?: string; readonly renewTime?: string; readonly leaseTransitions?: number } }

/**
 * Leader election by a Lease: 15 s lease, renewed within 10 s, tried every 2 s. Give it ticks and replies; ask `leading`.
 * A process that cannot renew in time must exit, as upstream does: `receive` then answers 'lost'.
 * Upstream: client-go/tools/leaderelection
 */
export class LeaderElector {
  leading = false
  private renewedAt = 0
  private observedRenew = ''
  private observedAt = 0

  constructor(
    private readonly client: Client,
    private readonly name: string,
    private readonly identity: string,
  ) {}

  start(ctx: Ctx): void {
    this.try(ctx)
  }

  private path(named: boolean): string {
    return resourcePath('leases', 'kube-system', named ? this.name : undefined)
  }

  private try(ctx: Ctx): void {
    const then: Answer = { type: 'leaderelection/get' }
    this.client.send(ctx, { verb: 'get', path: this.path(true) }, then)
  }

  private again(ctx: Ctx): void {
    const tick: Tick = { type: 'leaderelection/tick' }
    ctx.after(2 * SECOND, tick)
  }

  private spec(ctx: Ctx, old: Lease | undefined) {
    const mine = old?.spec?.holderIdentity === this.identity
    return {
      holderIdentity: this.identity,
      leaseDurationSeconds: 15,
      acquireTime: mine ? old.spec?.acquireTime : ctx.wallMicroTime(),
      renewTime: ctx.wallMicroTime(),
      leaseTransitions: (old?.spec?.leaseTransitions ?? -1) + (mine ? 0 : 1),
    }
  }

  /** Handles a message or a reply that is its own; undefined when it is not. 'won' is said once. */
  receive(message: Message | Reply, ctx: Ctx): 'won' | 'lost' | 'going' | undefined {
    if ('type' in message) {
      if (message.type !== 'leaderelection/tick') return undefined
      this.try(ctx)
      return 'going'
    }
    const { then, response } = message
    if (then.type === 'leaderelection/get') {
      const lease = response.body as Lease
      const put: Answer = { type: 'leaderelection/put' }
      if (response.code === 404) {
        this.client.send(ctx, { verb: 'create', path: this.path(false), body: { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: this.name, namespace: 'kube-system' }, spec: this.spec(ctx, undefined) } }, put)
        return 'going'
      }
      if (response.code === 200) {
        const renew = lease.spec?.renewTime ?? ''
        if (renew !== this.observedRenew) {
          this.observedRenew = renew
          this.observedAt = ctx.now
        }
        const holder = lease.spec?.holderIdentity ?? ''
        const held = holder !== '' && holder !== this.identity && ctx.now < this.observedAt + (lease.spec?.leaseDurationSeconds ?? 15) * SECOND
        if (!held) {
          this.client.send(ctx, { verb: 'update', path: this.path(true), body: { ...lease, spec: { ...lease.spec, ...this.spec(ctx, lease) } } }, put)
          return 'going'
        }
      }
      return this.fail(ctx)
    }
    if (then.type === 'leaderelection/put') {
      if (response.code !== 200 && response.code !== 201) return this.fail(ctx)
      this.renewedAt = ctx.now
      this.again(ctx)
      if (this.leading) return 'going'
      this.leading = true
      return 'won'
    }
    return undefined
  }

  private fail(ctx: Ctx): 'lost' | 'going' {
    if (this.leading && ctx.now > this.renewedAt + 10 * SECOND) return 'lost'
    this.again(ctx)
    return 'going'
  }
}
