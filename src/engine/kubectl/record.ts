import { withField, type Thing } from './api'
import type { Invocation } from './verb'

/** The object with the command as its change-cause, when `--record` is given. Upstream: cli-runtime/genericclioptions/record_flags.go */
export function recorded(cmd: Invocation, object: Thing): Thing {
  if (!cmd.flags.bool('record')) return object
  return withField(object, ['metadata', 'annotations', 'kubernetes.io/change-cause'], [cmd.path, ...cmd.args, ...cmd.flags.typed].join(' '))
}
