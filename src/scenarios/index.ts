import { badImage } from './samples/bad-image'
import { badProbe } from './samples/bad-probe'
import { crashLoop } from './samples/crash-loop'
import { ingressNginx } from './samples/ingress-nginx'
import { shop } from './samples/shop'
import { tooBig } from './samples/too-big'
import { web } from './samples/web'
import type { Sample } from './sample'

export type { Sample } from './sample'
export { timedScenarios, type TimedScenario } from './timed'

/** Sample applications, in the order of the palette. A new one is one file and one line here. */
export const samples: readonly Sample[] = [web, shop, ingressNginx, badProbe, crashLoop, badImage, tooBig]
