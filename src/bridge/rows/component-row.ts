import type { Cluster } from '../../engine/cluster'
import type { ComponentRow } from '../protocol'

/** The rows of the control plane's components. `steps`: the step in which each controller last wrote. */
export function componentRows(cluster: Cluster, steps: ReadonlyMap<string, number>): readonly ComponentRow[] {
  const members = cluster.etcdMembers()
  const leader = members.find((m) => m.role === 'leader')
  const up = members.filter((m) => m.role !== 'down').length
  const scheduler = cluster.schedulerView()
  const manager = cluster.managerView()
  const apiserver = cluster.apiserverView()
  return [
    { key: 'etcd', state: leader ? 'up' : up > members.length / 2 ? 'standby' : 'no-quorum', restart: null, facts: [leader ? `Quorum ${up} of ${members.length}` : up > members.length / 2 ? 'Electing a leader' : `No quorum: ${up} of ${members.length}`], members },
    { ...base(cluster, 'kube-apiserver'), facts: apiserver ? [`${apiserver.watches} watches`] : [], watches: apiserver?.watches ?? 0 },
    {
      ...base(cluster, 'kube-scheduler', scheduler?.leading),
      facts: scheduler ? [`Active ${scheduler.active}, back-off ${scheduler.backoff}`, `Unschedulable ${scheduler.unschedulable}`] : [],
    },
    {
      ...base(cluster, 'kube-controller-manager', manager?.leading), facts: manager ? [manager.leading ? `${manager.controllers.length} controllers` : 'Waits for its lease'] : [],
      controllers: (manager?.controllers ?? []).map((c) => ({ ...c, step: steps.get(c.name) ?? 0 })),
    },
    ...(cluster.state.components.has('cloud-controller-manager') ? [cloudRow(cluster)] : []),
  ]
}

function cloudRow(cluster: Cluster): ComponentRow {
  const view = cluster.cloudView()
  return { ...base(cluster, 'cloud-controller-manager', view?.leading), facts: view ? [`${view.balancers} load balancer${view.balancers === 1 ? '' : 's'}`] : [] }
}

function base(cluster: Cluster, key: string, leading = true): ComponentRow {
  const { state, restart } = cluster.componentTruth(key)
  return { key, state: state === 'up' && !leading ? 'standby' : state, restart: restart && { kind: 'backoff', ...restart }, facts: [] }
}
