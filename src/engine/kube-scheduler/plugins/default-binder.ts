import { resourcePath } from '../../api'
import type { Plugin } from '../framework/plugin'

/** Binds a pod by its binding subresource. Upstream: plugins/defaultbinder */
export const defaultBinder: Plugin = {
  name: 'DefaultBinder',
  bind(pod, node) {
    return {
      verb: 'create', path: resourcePath('pods', pod.namespace, pod.name, 'binding'),
      body: { kind: 'Binding', apiVersion: 'v1', metadata: { name: pod.name, namespace: pod.namespace, uid: pod.uid }, target: { kind: 'Node', name: node } },
    }
  },
}
