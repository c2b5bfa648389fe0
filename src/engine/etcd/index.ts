// Door of the room `etcd`: the replicated store under kube-apiserver.
export { EtcdClient, type EtcdDelivery } from './client'
export { etcdParams } from './disk'
export { etcdErrors, type EtcdAnswer } from './messages'
export { etcdMember } from './member'
export { currentStore, etcdHasQuorum, etcdMembers, storedObjects, type MemberView } from './observe'
export { Store, type StoreEvent } from './store'
