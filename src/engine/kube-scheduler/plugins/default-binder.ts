import { resourcePath } from '../../api'
import type { Plugin } from '../framework/plugin'

/** Binds a pod by its binding subresource. Upstream: plugins/defaultbinder */
export const defaultBinder: Plugin = {
  name: 'DefaultBinder',
  bind(pod, node) {
    return {
      verb: 'create', path: resourcePath('pods', pod.namespace, pod.name, 'binding'),
      body: { apiVersion: 'v1', kind: 'Binding', metadata: { namespace: pod.namespace, name: pod.name, uid: pod.uid }, target: { kind: 'Node', name: node } },
    }
  },
}
