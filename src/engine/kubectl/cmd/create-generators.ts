import type { Command } from '../verb'
import { access } from './create-access'
import { config } from './create-config'
import { service } from './create-service'
import { workload } from './create-workload'

/** `kubectl create <what>`: one per kind. */
export const generators: readonly Command[] = [...access, ...config, service, ...workload].toSorted((a, b) => (a.name < b.name ? -1 : 1))
