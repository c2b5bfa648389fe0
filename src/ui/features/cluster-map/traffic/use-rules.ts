import { useEffect, useState } from 'react'
import type { NodeRules, ServicePortRules } from '../../../../bridge/protocol'
import { useKubeloop } from '../../../state'

/** The rules of one Service in a node's kernel, and how they stand to the API. */
export interface ServiceRules {
  readonly port: (ServicePortRules & { readonly currentRevision: number }) | undefined
  readonly mode: NodeRules['mode']
  readonly proxyUp: boolean
}

/** What is asked of a node beside its rules. */
export interface NodeFacts {
  readonly address: string
  readonly podCIDR: string
}

/** Real time between two questions. Units: ms. */
const pauseMs = 250

/** The rules of a Service on some nodes, as time moves on. All nodes are asked at once, so that they show one moment. */
export function useServiceRules(nodes: readonly string[], service: string): ReadonlyMap<string, ServiceRules> {
  const kubeloop = useKubeloop()
  const [rules, setRules] = useState<ReadonlyMap<string, ServiceRules>>(new Map())
  const id = nodes.join(' ')
  useEffect(() => {
    const names = id === '' ? [] : id.split(' ')
    let live = true
    let busy = false
    let again = false
    let timer = 0
    let askedAt = 0
    const ask = (): void => {
      if (busy) {
        again = true
        return
      }
      busy = true
      again = false
      askedAt = kubeloop.session.getState().clock.now
      const done = (): void => {
        timer = window.setTimeout(() => {
          busy = false
          if (again) ask()
        }, pauseMs)
      }
      Promise.all(names.map((node) => kubeloop.ask({ about: 'rules', node }).then((value) => [node, value as NodeRules | null] as const, () => [node, null] as const))).then((answers) => {
        if (!live) return
        const next = new Map<string, ServiceRules>()
        for (const [node, value] of answers) if (value) next.set(node, { port: portOf(value, service), mode: value.mode, proxyUp: value.proxyUp })
        setRules((before) => (JSON.stringify([...before]) === JSON.stringify([...next]) ? before : next))
        done()
      }, done)
    }
    ask()
    const stop = kubeloop.session.subscribe((now, before) => {
      if (now.clock.revision !== before.clock.revision || now.clock.now < before.clock.now || now.clock.now - askedAt > 500_000) ask()
    })
    return () => {
      live = false
      clearTimeout(timer)
      stop()
    }
  }, [kubeloop, id, service])
  return rules
}

/** The port of a Service that is shown: one with endpoints before one without. */
function portOf(rules: NodeRules, service: string): ServiceRules['port'] {
  const ports = rules.ports.filter((p) => `${p.namespace}/${p.service}` === service)
  return ports.find((p) => p.protocol === 'tcp' && p.endpoints.length > 0) ?? ports.find((p) => p.endpoints.length > 0) ?? ports[0]
}

interface NodeObject {
  readonly spec?: { readonly podCIDR?: string }
  readonly status?: { readonly addresses?: readonly { readonly type: string; readonly address: string }[] }
}

/** Addresses and pod ranges of nodes; they are given once. */
export function useNodeFacts(nodes: readonly string[]): ReadonlyMap<string, NodeFacts> {
  const kubeloop = useKubeloop()
  const [facts, setFacts] = useState<ReadonlyMap<string, NodeFacts>>(new Map())
  // A node that has just come gets its range a moment later.
  const id = nodes.map((key) => `${key}/${kubeloop.nodes.get(key)?.joining === false ? 1 : 0}`).join(' ')
  useEffect(() => {
    let live = true
    const names = id === '' ? [] : id.split(' ').map((part) => part.slice(0, part.lastIndexOf('/')))
    void Promise.all(names.map((name) => kubeloop.ask({ about: 'object', resource: 'nodes', namespace: '', name }).then((value) => [name, value as NodeObject | null] as const, () => [name, null] as const))).then((answers) => {
      if (!live) return
      setFacts(new Map(answers.map(([name, object]) => [name, { address: object?.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '', podCIDR: object?.spec?.podCIDR ?? '' }])))
    })
    return () => { live = false }
  }, [kubeloop, id])
  return facts
}
