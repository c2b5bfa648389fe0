import type { Pod } from '../api'
import type { Checker } from './checker'

/** No two pods that run have one IP, unless they use their node's. A pod on a machine that is dark may be outlived by its address. */
export const uniquePodIP: Checker = {
  name: 'unique-pod-ip',
  start: () => null,
  check(view) {
    const owner = new Map<string, string>()
    const wrong: string[] = []
    for (const pod of view.objects<Pod>('pods')) {
      const ip = pod.status?.podIP
      if (!ip || pod.spec?.hostNetwork || pod.status?.phase !== 'Running' || pod.metadata.deletionTimestamp) continue
      const name = `${pod.metadata.namespace}/${pod.metadata.name}`
      const other = owner.get(ip)
      if (other !== undefined && view.settled) wrong.push(`${ip} belongs to ${other} and to ${name}`)
      owner.set(ip, name)
    }
    return wrong
  },
}
