import { fail } from '../errors'
import { flagSpecs } from '../flags'
import type { Command } from '../verb'

/** `kubectl plugin`. Upstream: kubectl/pkg/cmd/plugin */
export const plugin: Command = {
  name: 'plugin',
  short: 'Provides utilities for interacting with plugins',
  usage: '[flags] [options]',
  flags: [],
  helpToStdout: true,
  commands: [{
    name: 'list', short: 'List all visible plugin executables on a user\'s PATH', flags: flagSpecs('name-only'),
    run() {
      throw fail('unable to find any kubectl plugins in your PATH')
    },
  }],
}

/** `kubectl completion`: the terminal completes by itself, so its script has nothing to do. */
export const completion: Command = {
  name: 'completion',
  short: 'Output shell completion code for the specified shell (bash, zsh, fish, or powershell)',
  usage: 'SHELL [options]',
  flags: [],
  run(cmd) {
    const [shell] = cmd.args
    if (shell === undefined) throw cmd.usage('Shell not specified.')
    if (cmd.args.length > 1) throw cmd.usage('Too many arguments. Expected only the shell type.')
    if (!['bash', 'zsh', 'fish', 'powershell'].includes(shell)) throw cmd.usage(`Unsupported shell type "${shell}".`)
    cmd.io.out(`# ${shell} completion for kubectl\n# This terminal completes kubectl by itself: press Tab.\n:\n`)
  },
}
