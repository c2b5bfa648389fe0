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
  ['Other Commands', 'api-resources api-versions config plugin version'],
]

/** The help text of a command. Upstream: kubectl/pkg/util/templates/templater.go */
export function helpOf(command: Command, path: string): string {
  const parts: string[] = []
  const root = path === 'kubectl'
  parts.push(root ? `${command.short}\n\n Find more information at: https://kubernetes.io/docs/reference/kubectl/` : (command.long ?? `${command.short}.`))
  if (command.aliases?.length) parts.push(`Aliases:\n${[command.name, ...command.aliases].join(', ')}`)
  if (command.examples) parts.push(`Examples:\n${command.examples}`)
  if (root) {
    for (const [title, names] of GROUPS) {
      const list = names.split(' ').map((n) => command.commands?.find((c) => c.name === n)).filter((c) => c !== undefined)
      if (list.length > 0 || names === '') parts.push(`${title}:${list.map((c) => `\n  ${c.name.padEnd(15)} ${c.short}`).join('')}`)
    }
  } else if (command.commands) {
    const width = Math.max(13, ...command.commands.map((c) => c.name.length + 2))
    parts.push(`Available Commands:\n${command.commands.map((c) => `  ${c.name.padEnd(width)} ${c.short}`).join('\n')}`)
  } else if (command.flags.length > 0) {
    parts.push(`Options:\n${command.flags.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map((f) => {
      const none = f.type === 'bool' ? 'false' : f.type.startsWith('int') ? '0' : f.type === 'list' || f.type === 'array' ? '[]' : f.type === 'duration' ? '0s' : "''"
      const value = f.type === 'string' && f.fallback !== undefined ? `'${f.fallback}'` : (f.fallback ?? none)
      return `    ${f.short ? `-${f.short}, ` : ''}--${f.name}=${value}`
    }).join('\n')}`)
  }
  const usage = command.usage ?? (command.commands ? 'SUBCOMMAND [options]' : '[options]')
  parts.push(`Usage:\n  ${path} ${root ? '[flags] [options]' : usage}`)
  const more = command.commands ? `Use "${path} <command> --help" for more information about a given command.\n` : ''
  parts.push(`${more}Use "kubectl options" for a list of global command-line options (applies to all commands).`)
  return `${parts.join('\n\n')}\n`
}

/** Answers a verb that is not there, as kubectl does after it looked for a plugin. Upstream: kubectl/pkg/cmd NewDefaultKubectlCommand, cobra findSuggestions */
export function unknownCommand(word: string, flagsBefore: boolean, commands: readonly Command[], io: Io): number {
  if (flagsBefore) {
    io.err('Error: flags cannot be placed before plugin name: -n\n')
    return 1
  }
  const order = GROUPS.flatMap(([, names]) => names.split(' '))
  const near = commands.filter((c) => distance(word, c.name) <= 2 || c.name.toLowerCase().startsWith(word.toLowerCase()))
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
