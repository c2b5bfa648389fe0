import type { Cluster } from '../engine/cluster'
import { complete as completeLine, type Completion } from '../engine/kubectl'
import { lookupOf } from './completion'

export { kubectl, provideDocs, provideFiles } from '../engine/kubectl'

/** What could stand at the cursor of a line, by kubectl and the cluster as it is now. */
export const complete = (line: string, cursor: number, cluster: Cluster): Completion => completeLine(line, cursor, lookupOf(cluster))
