import type { Behaviour } from '../sim'
import { containerd, disk } from '../cri'
import { etcdMember } from '../etcd'
import { kubeApiserver } from '../kube-apiserver'
import { controllerManager } from '../kube-controller-manager'
import { kubeScheduler } from '../kube-scheduler'
import { kubelet } from '../kubelet'

/** Behaviours of all processes that a cluster is made of; kubectl is installed by whoever types (`Cluster.install`). */
const idle = (kind: string) => ({ kind, start: () => ({}), handle: () => {} })
export const behaviours = [idle('kube-proxy'), idle('coredns'), etcdMember, kubeApiserver, controllerManager, kubeScheduler, kubelet, containerd, disk] as unknown as readonly Behaviour<never, never>[]
