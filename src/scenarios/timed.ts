import type { Input } from '../engine/cluster'
import { badImage } from './samples/bad-image'
import { badProbe } from './samples/bad-probe'
import { crashLoop } from './samples/crash-loop'
import { ingressNginx } from './samples/ingress-nginx'
import { shop } from './samples/shop'
import { tooBig } from './samples/too-big'
import { web } from './samples/web'

/** A starting cluster and timed inputs. Times in seconds of session time. */
export interface TimedScenario {
  readonly id: string
  readonly title: string
  readonly preset: string
  readonly steps: readonly { readonly t: number; readonly input: Input }[]
  readonly end: number
}

const kubectl = (t: number, line: string, stdin?: string) => ({ t, input: { type: 'kubectl', line, ...(stdin ? { stdin } : {}) } }) as const
const apply = (t: number, yaml: string) => kubectl(t, 'kubectl apply -f -', yaml)
const traffic = (t: number, what: Record<string, unknown>) => ({ t, input: { type: 'traffic', ...what } as unknown as Input }) as const
const fault = (t: number, kind: string, subject: Record<string, unknown>) => ({ t, input: { type: 'fault', fault: { kind, ...subject } } as Input }) as const

/** Scenarios with times; the standing tests run every one. A new one is one entry here. */
export const timedScenarios: readonly TimedScenario[] = [
  { id: 'scale', title: 'Scale a Deployment', preset: 'default', steps: [apply(1, web.yaml), kubectl(40, 'kubectl scale deployment web --replicas=6'), kubectl(60, 'kubectl scale deployment web --replicas=1')], end: 110 },
  {
    id: 'lose-a-node', title: 'Lose a node', preset: 'default',
    steps: [apply(1, shop.yaml), fault(60, 'node-down', { node: 'node-2' }), fault(450, 'node-up', { node: 'node-2' })], end: 520,
  },
  { id: 'partition', title: 'A node loses its network', preset: 'default', steps: [apply(1, web.yaml), fault(40, 'partition', { node: 'node-1' }), fault(130, 'heal', { node: 'node-1' })], end: 200 },
  {
    id: 'control-plane', title: 'The control plane fails', preset: 'default',
    steps: [
      apply(1, web.yaml), fault(30, 'component-down', { component: 'kube-scheduler' }), kubectl(35, 'kubectl scale deployment web --replicas=5'), fault(60, 'component-up', { component: 'kube-scheduler' }),
      fault(90, 'component-crash', { component: 'kube-controller-manager' }), kubectl(92, 'kubectl delete pods --all --wait=false'), fault(150, 'component-crash', { component: 'kube-apiserver' }),
    ],
    end: 230,
  },
  {
    id: 'etcd-quorum', title: 'Lose the etcd quorum', preset: 'default',
    steps: [apply(1, web.yaml), fault(30, 'component-down', { component: 'etcd-0' }), fault(35, 'component-down', { component: 'etcd-1' }), kubectl(40, 'kubectl scale deployment web --replicas=5'), fault(70, 'component-up', { component: 'etcd-1' }), kubectl(90, 'kubectl scale deployment web --replicas=4'), fault(100, 'component-up', { component: 'etcd-0' })],
    end: 160,
  },
  {
    id: 'traffic', title: 'Requests by every way in, while nodes and pods come and go', preset: 'default',
    steps: [
      apply(1, web.yaml), apply(2, ingressNginx.yaml), kubectl(3, 'kubectl create ingress web --class=nginx --rule=web.example.com/*=web:80'), kubectl(4, 'kubectl run box --image=busybox -- sleep infinity'), kubectl(5, 'kubectl create service loadbalancer front --tcp=80:80'),
      traffic(30, { do: 'start', generator: { id: 'inside', from: { kind: 'pod', namespace: 'default', name: 'box' }, to: 'http://web', pattern: { kind: 'constant', rate: 120 } } }),
      traffic(35, { do: 'start', generator: { id: 'outside', from: { kind: 'outside' }, to: 'http://web.example.com', pattern: { kind: 'ramp', from: 5, to: 60, seconds: 30 }, keepAlive: true } }),
      traffic(36, { do: 'start', generator: { id: 'users', from: { kind: 'pod', namespace: 'default', name: 'box' }, to: 'http://web.default', pattern: { kind: 'closed', users: 5, thinkMs: 300 }, seconds: 40 } }),
      traffic(40, { do: 'send', request: { from: { kind: 'outside' }, to: 'http://web.example.com/' } }), kubectl(45, 'kubectl rollout restart deployment web'), fault(60, 'kube-proxy-stop', { node: 'node-1' }), fault(70, 'node-down', { node: 'node-3' }),
      traffic(75, { do: 'send', request: { from: { kind: 'pod', namespace: 'default', name: 'box' }, to: 'http://web' } }), traffic(100, { do: 'stop', id: 'inside' }), fault(110, 'node-up', { node: 'node-3' }),
    ],
    end: 130,
  },
  { id: 'trouble', title: 'Applications in trouble', preset: 'default', steps: [apply(1, crashLoop.yaml), apply(2, badImage.yaml), apply(3, badProbe.yaml), apply(4, tooBig.yaml), fault(60, 'node-add', {})], end: 150 },
  {
    id: 'rollout', title: 'Roll out a new image', preset: 'default',
    steps: [apply(1, web.yaml), kubectl(30, 'kubectl set image deployment/web nginx=nginx:1.28'), kubectl(80, 'kubectl rollout undo deployment/web'), kubectl(120, 'kubectl drain node-1 --ignore-daemonsets'), kubectl(150, 'kubectl uncordon node-1')],
    end: 180,
  },
]
