// Door of the room `etcd`: the replicated store under kube-apiserver.
export { EtcdClient, type EtcdDelivery } from './client'
export { etcdParams, type Disk, type EtcdParams } from './disk'
export { etcdErrors, type Compare, type EtcdAnswer, type EtcdOp, type EtcdRequest, type EtcdResponse, type Range, type Txn, type Write } from './messages'
export { etcdMember } from './member'
export type { MemberState } from './member-state'
export { currentStore, etcdHasQuorum, etcdMembers, storedObjects, type MemberView } from './observe'
export { Store, type KeyValue, type StoreEvent } from './store'
