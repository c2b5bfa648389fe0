import { fail } from '../errors'
import type { Invocation } from '../verb'

/** What `--cascade` says becomes of dependents. Upstream: delete_flags.go parseCascadingFlag */
export function propagationOf({ flags, io }: Invocation): string {
  const cascade = flags.string('cascade')
  const old = /^(1|t|true)$/i.test(cascade) ? 'background' : /^(0|f|false)$/i.test(cascade) ? 'orphan' : undefined
  if (old !== undefined) io.err(`warning: --cascade=${cascade} is deprecated (boolean value) and can be replaced with --cascade=${old}.\n`)
  switch (old ?? cascade) {
    case 'background':
      return 'Background'
    case 'foreground':
      return 'Foreground'
    case 'orphan':
      return 'Orphan'
    default:
      throw fail(`invalid cascade value (${cascade}). Must be "background", "foreground", or "orphan"`)
  }
}
