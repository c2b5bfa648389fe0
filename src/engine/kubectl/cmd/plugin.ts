import { fail } from '../errors'
import { flagSpecs } from '../flags'
import type { Command } from '../verb'

/** `kubectl plugin`. Upstream: kubectl/pkg/cmd/plugin */
export const plugin: Command = {
  name: 'plugin',
  flags: [],
  helpToStdout: true,
  commands: [{
    name: 'list', flags: flagSpecs('name-only'),
    run() {
      throw fail('unable to find any kubectl plugins in your PATH')
    },
  }],
}

/** `kubectl completion`: the terminal completes by itself, so its script has nothing to do. */
export const completion: Command = {
  name: 'completion',
  flags: [],
  run(cmd) {
    const [shell] = cmd.args
    if (shell === undefined) throw cmd.usage('Shell not specified.')
    if (cmd.args.length > 1) throw cmd.usage('Too many arguments. Expected only the shell type.')
    if (!['bash', 'zsh', 'fish', 'powershell'].includes(shell)) throw cmd.usage(`Unsupported shell type "${shell}".`)
    cmd.io.out(`# ${shell} completion for kubectl\n# This terminal completes kubectl by itself: press Tab.\n:\n`)
  },
}
