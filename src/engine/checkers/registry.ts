import { boundOnce } from './bound-once'
import type { Checker } from './checker'
import { nodeCapacity } from './node-capacity'
import { ownerExists } from './owner-exists'
import { readyEndpoints } from './ready-endpoints'
import { revisionsGrow } from './revisions-grow'
import { uniquePodIP } from './unique-pod-ip'

/** All checkers. A new one is one file and one line here. */
export const checkers: readonly Checker[] = [revisionsGrow, boundOnce, nodeCapacity, uniquePodIP, readyEndpoints, ownerExists]
