import { controllerNames, presets } from '../engine/cluster'
import { samples } from '../scenarios'
import type { Hello } from './protocol'

/** What there is to choose from. */
export function hello(): Hello {
  return { type: 'hello', kubernetes: 'v1.36.2', presets: presets.map(({ id, title }) => ({ id, title })), samples, controllers: controllerNames }
}
