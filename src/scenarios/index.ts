import { agents } from './samples/agents'
import { autoscaled } from './samples/autoscaled'
import { badImage } from './samples/bad-image'
import { badProbe } from './samples/bad-probe'
import { careful } from './samples/careful'
import { crashLoop } from './samples/crash-loop'
import { database } from './samples/database'
import { gateway } from './samples/gateway'
import { guestbook } from './samples/guestbook'
import { ingressNginx } from './samples/ingress-nginx'
import { jobs } from './samples/jobs'
import { settings } from './samples/settings'
import { shop } from './samples/shop'
import { tooBig } from './samples/too-big'
import { web } from './samples/web'
import type { Sample } from './sample'

export type { Sample } from './sample'
export { timedScenarios } from './timed'

/** Sample applications, in the order of the palette. A new one is one file and one line here. */
export const samples: readonly Sample[] = [
  web, shop, database, autoscaled,
  guestbook, careful, settings, jobs, agents, ingressNginx, gateway,
  badProbe, crashLoop, badImage, tooBig,
]

/** The samples as files of the machine that lines are typed on: path below home → text. */
export const sampleFiles: Readonly<Record<string, string>> = Object.fromEntries(samples.map(({ id, yaml }) => [`samples/${id}.yaml`, yaml]))
