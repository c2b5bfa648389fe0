import type { Behaviour } from '../sim'
import { cloud, cloudControllerManager } from '../cloud-controller-manager'
import { policyAgent } from '../cni'
import { coredns } from '../coredns'
import { ingressController } from '../ingress-controller'
import { containerd, disk } from '../cri'
import { etcdMember } from '../etcd'
import { kubeApiserver } from '../kube-apiserver'
import { controllerManager } from '../kube-controller-manager'
import { kernel, kubeProxy } from '../kube-proxy'
import { kubeScheduler } from '../kube-scheduler'
import { kubelet } from '../kubelet'
import { localPathProvisioner } from '../local-path-provisioner'
import { metricsServer } from '../metrics-server'

/** Behaviours of all processes that a cluster is made of; kubectl is installed by whoever types (`Cluster.install`). */
export const behaviours = [etcdMember, kubeApiserver, controllerManager, kubeScheduler, kubelet, containerd, disk, kubeProxy, kernel, coredns, policyAgent, ingressController, cloudControllerManager, cloud, localPathProvisioner, metricsServer] as unknown as readonly Behaviour<never, never>[]
