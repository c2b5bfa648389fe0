import type { Command } from '../verb'
import { apply } from './apply'
import { create } from './create'
import { del } from './delete'
import { cordon, drain, uncordon } from './drain'
import { expose } from './expose'
import { get } from './get'
import { scale } from './scale'

/** All verbs. To add one: its file, its line. */
export const commands: readonly Command[] = [apply, cordon, create, del, drain, expose, get, scale, uncordon]
