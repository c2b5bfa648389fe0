import { parseGoDuration } from '../apimachinery'
import { Api } from './api'
import { commands } from './cmd'
import { errorText, Fail, fail } from './errors'
import { Flags, globalFlags, parseFlags, type FlagSpec } from './flags'
import { Exit, type Io } from './io'
import { logHead } from './rest-log'
import { Mapper } from './rest-mapper'
import { connector, kubeconfigOf } from './kubeconfig'
import { runLine } from './shell/run'
import type { Command, Invocation } from './verb'
import { helpCommand, helpOf, unknownCommand } from './help'

/** Where a line is typed: the context's namespace, and whether it counts as given by `-n`. */
export interface Shell {
  readonly namespace: string
  readonly explicit?: boolean | undefined
}

/** Runs one typed line to its end or to its next wait. Answers the exit code. Errors: throws Suspended or Exit. */
export function run(line: string, shell: Shell, io: Io): number {
  io.solo = !/[|;&<>`$(){}\n]/.test(line)
  return runLine(line, io, (words) => {
    try {
      return kubectl(words, shell, io)
    } catch (thrown) {
      if (thrown instanceof Exit) {
        if (thrown.message !== '') io.err(`${thrown.message}\n`)
        return thrown.code
      }
      if (!(thrown instanceof Fail)) throw thrown
      io.err(errorText(thrown.problems))
      return thrown.code
    } finally {
      io.impersonate = undefined
      io.connect = undefined
      io.verbosity = 0
      io.requestTimeout = 0
    }
  })
}

const root: Command = { name: 'kubectl', flags: [], commands }

function kubectl(words: readonly string[], shell: Shell, io: Io): number {
  let command = root
  let path = 'kubectl'
  let left = words
  for (;;) {
    const at = firstArgument(left, command.flags)
    const word = at < 0 ? undefined : left[at]
    const next: Command | undefined = word === undefined ? undefined : command.commands?.find((c) => c.name === word || c.aliases?.includes(word))
    if (next === undefined) {
      if (command === root && word === 'help') return helpCommand(left.slice(at + 1), root, io)
      if (command === root && word !== undefined) return unknownCommand(word, shell.explicit === true || left.indexOf(word) > 0, commands, io)
      break
    }
    left = left.toSpliced(at, 1)
    command = next
    path += ` ${next.name}`
  }
  const flags = parseFlags(left, command.flags, path)
  if (flags.bool('help') || command === root) {
    io.out(helpOf(command, path))
    return 0
  }
  if (command.run === undefined) {
    if (flags.args.length > 0) throw fail(`unknown command ${JSON.stringify(flags.args.join(' '))}\nSee '${path} -h' for help and examples`)
    const help = helpOf(command, path)
    if (command.helpToStdout) io.out(help)
    else io.err(help)
    return 1
  }
  const missing = (command.required ?? []).filter((name) => !flags.has(name))
  if (missing.length > 0) throw fail(`required flag(s) ${missing.map((m) => `"${m}"`).join(', ')} not set`)
  return start(command, path, flags, shell, io)
}

/** Upstream: client-go/tools/clientcmd/helpers.go ParseTimeout */
function timeoutOf(text: string): number {
  const time = parseGoDuration(/^\d+$/.test(text) ? `${text}s` : text || '0')
  if (time === undefined) throw fail('Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)')
  return time
}

function start(command: Command, path: string, flags: Flags, shell: Shell, io: Io): number {
  if (flags.has('as')) {
    const extra: Record<string, string[]> = {}
    for (const pair of flags.list('as-user-extra')) (extra[pair.slice(0, Math.max(0, pair.indexOf('=')))] ??= []).push(pair.slice(pair.indexOf('=') + 1))
    io.impersonate = {
      user: flags.string('as'), ...(flags.has('as-group') ? { groups: flags.list('as-group') } : {}), ...(flags.has('as-uid') ? { uid: flags.string('as-uid') } : {}), ...(flags.has('as-user-extra') ? { extra } : {}),
    }
  } else if (flags.has('as-group') || flags.has('as-uid') || flags.has('as-user-extra')) throw fail('requesting uid, groups or user-extra for  without impersonating a user')
  io.connect = connector(io, flags)
  io.verbosity = flags.int('v')
  io.requestTimeout = timeoutOf(flags.string('request-timeout'))
  if (io.verbosity >= 6) io.err(`${logHead(io.now(), 'loader.go:402')}Config loaded from file:  /home/you/.kube/config\n`)
  const api = new Api(io, flags.bool('warnings-as-errors'), flags.typed.some((text) => /managed-?fields|^--raw=/i.test(text)))
  const invocation: Invocation = {
    io, api, flags, path, args: flags.args, mapper: new Mapper(api),
    namespace: flags.string('namespace') || namespaceOf(flags, shell, io),
    explicitNamespace: flags.string('namespace') !== '' || shell.explicit === true,
    usage: (text) => fail(`${text}\nSee '${path} -h' for help and examples`),
    help: () => helpOf(command, path),
  }
  if (flags.has('record')) io.err('Flag --record has been deprecated, --record will be removed in the future\n')
  const code = command.run?.(invocation) ?? 0
  api.checkWarnings()
  return code
}

/** The namespace of the context that the command runs in. */
function namespaceOf(flags: Flags, shell: Shell, io: Io): string {
  if (shell.explicit) return shell.namespace
  const config = kubeconfigOf(io.machine, flags)
  const name = flags.string('context') || config.current
  const context = config.contexts[name]
  if (flags.has('context') && context === undefined) throw fail(`context "${flags.string('context')}" does not exist`)
  return context === undefined || (name === config.current && context.namespace === undefined && !flags.has('kubeconfig')) ? shell.namespace : (context.namespace ?? 'default')
}

/** Index of the first word that is neither a flag nor a flag's value; -1 without one. Upstream: cobra stripFlags */
function firstArgument(words: readonly string[], specs: readonly FlagSpec[]): number {
  const all = [...globalFlags, ...specs]
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string
    if (word === '--') return -1
    if (!word.startsWith('-') || word === '-') return i
    if (word.includes('=')) continue
    const spec = word.startsWith('--') ? all.find((f) => f.name === word.slice(2)) : word.length === 2 ? all.find((f) => f.short === word[1]) : undefined
    if (spec?.noValue !== undefined || (spec === undefined && !word.startsWith('--') && word.length !== 2)) continue
    // A flag that nobody knows takes a word with it, too.
    if (i + 2 >= words.length) return -1
    i++
  }
  return -1
}
