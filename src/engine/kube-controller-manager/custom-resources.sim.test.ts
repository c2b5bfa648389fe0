import { describe, expect, test } from 'vitest'
import { SECOND } from '../sim'
import { TestCluster } from './testing'

const crd = {
  apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'boats.sea.example' },
  spec: { group: 'sea.example', scope: 'Namespaced', names: { plural: 'boats', singular: 'boat', kind: 'Boat' }, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } }] },
}
const boats = (ns: string) => `/apis/sea.example/v1/namespaces/${ns}/boats`
const boat = (name: string, ns: string, ownerReferences?: object[]) => ({ apiVersion: 'sea.example/v1', kind: 'Boat', metadata: { name, namespace: ns, ...(ownerReferences && { ownerReferences }) } })

function withBoats(): TestCluster {
  const c = new TestCluster()
  c.must({ verb: 'create', path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', body: crd })
  c.run(2 * SECOND)
  return c
}

describe('custom resources', () => {
  test('own and are owned', () => {
    const c = withBoats()
    const ship = c.must({ verb: 'create', path: boats('default'), body: boat('ship', 'default') })
    const ref = { apiVersion: 'sea.example/v1', kind: 'Boat', name: 'ship', uid: ship.metadata.uid, controller: true }
    c.must({ verb: 'create', path: boats('default'), body: boat('dinghy', 'default', [ref]) })
    c.must({ verb: 'create', path: '/api/v1/namespaces/default/configmaps', body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'cargo', namespace: 'default', ownerReferences: [ref] } } })
    c.run(2 * SECOND)
    expect(c.list(boats('default'))).toHaveLength(2)
    c.must({ verb: 'delete', path: `${boats('default')}/ship` })
    c.run(3 * SECOND)
    expect(c.list(boats('default'))).toEqual([])
    expect(c.list('/api/v1/namespaces/default/configmaps').map((o) => o.metadata.name)).not.toContain('cargo')
  })

  test('lose an owner that is orphaned away', () => {
    const c = withBoats()
    const ship = c.must({ verb: 'create', path: boats('default'), body: boat('ship', 'default') })
    c.must({ verb: 'create', path: boats('default'), body: boat('dinghy', 'default', [{ apiVersion: 'sea.example/v1', kind: 'Boat', name: 'ship', uid: ship.metadata.uid }]) })
    c.run(2 * SECOND)
    c.must({ verb: 'delete', path: `${boats('default')}/ship`, body: { propagationPolicy: 'Orphan' } })
    c.run(3 * SECOND)
    expect(c.list(boats('default')).map((o) => [o.metadata.name, o.metadata.ownerReferences ?? []])).toEqual([['dinghy', []]])
  })

  test('go with their namespace, and with their definition what they own', () => {
    const c = withBoats()
    c.must({ verb: 'create', path: '/api/v1/namespaces', body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'port' } } })
    c.run(SECOND)
    c.must({ verb: 'create', path: boats('port'), body: boat('ship', 'port') })
    c.must({ verb: 'delete', path: '/api/v1/namespaces/port' })
    c.run(12 * SECOND)
    expect(c.do({ verb: 'get', path: '/api/v1/namespaces/port' }).code).toBe(404)
    const ship = c.must({ verb: 'create', path: boats('default'), body: boat('ship', 'default') })
    c.must({ verb: 'create', path: '/api/v1/namespaces/default/configmaps', body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'cargo', namespace: 'default', ownerReferences: [{ apiVersion: 'sea.example/v1', kind: 'Boat', name: 'ship', uid: ship.metadata.uid }] } } })
    c.run(2 * SECOND)
    c.must({ verb: 'delete', path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/boats.sea.example' })
    c.run(5 * SECOND)
    expect(c.list('/api/v1/namespaces/default/configmaps').map((o) => o.metadata.name)).not.toContain('cargo')
    // Served anew, it is watched anew.
    c.must({ verb: 'create', path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', body: crd })
    c.run(2 * SECOND)
    const again = c.must({ verb: 'create', path: boats('default'), body: boat('ship', 'default') })
    c.must({ verb: 'create', path: boats('default'), body: boat('dinghy', 'default', [{ apiVersion: 'sea.example/v1', kind: 'Boat', name: 'ship', uid: again.metadata.uid }]) })
    c.run(2 * SECOND)
    c.must({ verb: 'delete', path: `${boats('default')}/ship` })
    c.run(3 * SECOND)
    expect(c.list(boats('default'))).toEqual([])
  })
})
