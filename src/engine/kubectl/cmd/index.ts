import type { Command } from '../verb'
import { apiResources, apiVersions } from './api-resources'
import { apply } from './apply'
import { auth, certificate } from './auth'
import { autoscale } from './autoscale'
import { clusterInfo, options, version } from './cluster-info'
import { config } from './config'
import { create } from './create'
import { del } from './delete'
import { describe } from './describe'
import { cordon, drain, uncordon } from './drain'
import { events } from './events'
import { attach, cp, debug, edit, exec, portForward } from './exec'
import { explain } from './explain'
import { expose } from './expose'
import { get } from './get'
import { annotate, label } from './label'
import { logs } from './logs'
import { patch } from './patch'
import { replace } from './replace'
import { rollout } from './rollout'
import { run } from './run'
import { scale } from './scale'
import { set } from './set'
import { taint } from './taint'
import { top } from './top'
import { wait } from './wait'

/** All verbs. To add one: its file, its line. */
export const commands: readonly Command[] = [
  annotate, apiResources, apiVersions, apply, attach, auth, autoscale, certificate, clusterInfo, config, cordon, cp, create, debug, del, describe, drain, edit, events, exec, explain, expose, get,
  label, logs, options, patch, portForward, replace, rollout, run, scale, set, taint, top, uncordon, version, wait,
]
