import type { Command } from '../verb'
import { apply } from './apply'
import { autoscale } from './autoscale'
import { create } from './create'
import { del } from './delete'
import { cordon, drain, uncordon } from './drain'
import { events } from './events'
import { expose } from './expose'
import { get } from './get'
import { annotate, label } from './label'
import { patch } from './patch'
import { replace } from './replace'
import { rollout } from './rollout'
import { run } from './run'
import { scale } from './scale'
import { set } from './set'
import { taint } from './taint'
import { wait } from './wait'

/** All verbs. To add one: its file, its line. */
export const commands: readonly Command[] = [
  annotate, apply, autoscale, cordon, create, del, drain, events, expose, get, label, patch, replace, rollout, run, scale, set, taint, uncordon, wait,
]
