import type { LaunchVerdict } from '../../cri'
import { clientProblem } from './clients'
import { isOn } from './command-line'
import { securePort, type Launch } from './launch'

/** What kube-scheduler does with its command line. Upstream: cmd/kube-scheduler/app */
export function launchScheduler(launch: Launch): LaunchVerdict {
  return clientProblem(launch, 'kube-scheduler', 10259) ?? { ports: [securePort(launch.line, 10259)], params: { contained: true, leaderElect: isOn(launch.line, 'leader-elect', true) } }
}
