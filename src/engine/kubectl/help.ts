import { helpTextOf } from './docs'
import type { Io } from './io'
import type { Command } from './verb'

const GROUPS: readonly (readonly [string, string])[] = [
  ['Basic Commands (Beginner)', 'create expose run set'],
  ['Basic Commands (Intermediate)', 'explain get edit delete'],
  ['Deploy Commands', 'rollout scale autoscale'],
  ['Cluster Management Commands', 'certificate cluster-info top cordon uncordon drain taint'],
  ['Troubleshooting and Debugging Commands', 'describe logs attach exec port-forward proxy cp auth debug events'],
  ['Advanced Commands', 'diff apply patch replace wait kustomize'],
  ['Settings Commands', 'label annotate completion'],
  ['Subcommands provided by plugins', ''],
  ['Other Commands', 'api-resources api-versions config kuberc plugin version'],
]

/** Flags as the help lists them. Upstream: kubectl/pkg/util/templates/help_flags_printer.go */
function flagTexts(flags: readonly string[]): string {
  return flags.map((f) => `    ${f.replace('\t', '\n\t')}`).join('\n\n')
}

/** The help text of a command. Upstream: kubectl/pkg/util/templates/templater.go */
export function helpOf(command: Command, path: string): string {
  const own = path.replace(/^kubectl ?/, '')
  const text = helpTextOf(own)
  if (own === 'options') return optionsText()
  if (own === 'alpha') return 'No alpha commands are available in this version of kubectl\n'
  return `${text?.long || text?.short || command.name}\n\n${usageOf(command, path)}`
}

/** What follows the description. */
function usageOf(command: Command, path: string): string {
  const own = path.replace(/^kubectl ?/, '')
  const text = helpTextOf(own)
  const root = own === ''
  const parts: string[] = []
  const line = (name: string, width: number): string => `  ${name.padEnd(width)}   ${helpTextOf(root ? name : `${own} ${name}`)?.short ?? ''}`
  if (command.aliases?.length) parts.push(`Aliases:\n${[command.name, ...command.aliases].join(', ')}`)
  if (text?.examples) parts.push(`Examples:\n${text.examples}`)
  if (root) for (const [title, names] of GROUPS) parts.push([`${title}:`, ...names.split(' ').filter(Boolean).map((n) => line(n, 13))].join('\n'))
  else if (command.commands) {
    const names = command.commands.map((c) => c.name).toSorted()
    const width = Math.max(11, ...names.map((n) => n.length))
    parts.push(['Available Commands:', ...names.map((n) => line(n, width))].join('\n'))
  }
  if (!root && text !== undefined && text.flags.length > 0) parts.push(`Options:\n${flagTexts(text.flags)}`)
  const usage = root ? 'kubectl [flags] [options]' : (text?.usage ?? '')
  if (usage !== '') parts.push(`Usage:\n  ${usage}`)
  const more = command.commands ? `Use "${path} <command> --help" for more information about a given command.\n` : ''
  parts.push(`${more}Use "kubectl options" for a list of global command-line options (applies to all commands).`)
  return `${parts.join('\n\n')}\n`
}

/** `kubectl options`. */
export function optionsText(): string {
  return `The following options can be passed to any command:\n\n${flagTexts(helpTextOf('')?.flags ?? [])}\n\n`
}

/** `kubectl help [command …]`: the command that the words name, or what cobra says of words that name none. */
export function helpCommand(words: readonly string[], root: Command, io: Io): number {
  let command = root
  let path = 'kubectl'
  for (const word of words.filter((w) => !w.startsWith('-'))) {
    const next: Command | undefined = command.commands?.find((c) => c.name === word || c.aliases?.includes(word))
    if (next === undefined && command === root) {
      io.err(`Unknown help topic [${words.map((w) => `\`${w}\``).join(' ')}]\n\n\n${usageOf(root, 'kubectl')}`)
      return 0
    }
    if (next === undefined) break
    command = next
    path += ` ${next.name}`
  }
  io.out(helpOf(command, path))
  return 0
}

/** Other words for a verb. Upstream: SuggestFor of the commands */
const SUGGESTED: Readonly<Record<string, string>> = { list: 'get', ls: 'get', inspect: 'describe', rm: 'delete', remove: 'delete', stats: 'top' }

/** Answers a verb that is not there, as kubectl does after it looked for a plugin. Upstream: kubectl/pkg/cmd NewDefaultKubectlCommand, cobra findSuggestions */
export function unknownCommand(word: string, flagsBefore: boolean, commands: readonly Command[], io: Io): number {
  if (flagsBefore) {
    io.err('Error: flags cannot be placed before plugin name: -n\n')
    return 1
  }
  const order = GROUPS.flatMap(([, names]) => names.split(' '))
  const near = commands.filter((c) => distance(word, c.name) <= 2 || c.name.toLowerCase().startsWith(word.toLowerCase()) || SUGGESTED[word.toLowerCase()] === c.name)
    .toSorted((a, b) => (order.indexOf(a.name) + 99) % 99 - ((order.indexOf(b.name) + 99) % 99))
  io.err(`error: unknown command ${JSON.stringify(word)} for "kubectl"\n`)
  if (near.length > 0) io.err(`\nDid you mean this?\n${near.map((c) => `\t${c.name}\n`).join('')}`)
  return 1
}

/** Levenshtein distance, capped: anything over 2 is far. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return 3
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1]?.toLowerCase() === b[j - 1]?.toLowerCase()
      next.push(Math.min((row[j] as number) + 1, (next[j - 1] as number) + 1, (row[j - 1] as number) + (same ? 0 : 1)))
    }
    row = next
  }
  return row[b.length] as number
}
