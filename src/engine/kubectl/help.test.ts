import { expect, test } from 'vitest'
import * as docs from '../api-docs'
import { commands } from './cmd'
import { provideDocs } from './docs'
import { globalFlags } from './flags'
import { notFound, runFake } from './kubectl.testing'
import type { Command } from './verb'

provideDocs(docs)

const global = new Map(globalFlags.map((f) => [f.name, f]))

function at(path: string): Command | undefined {
  let list: readonly Command[] | undefined = commands
  let found: Command | undefined
  for (const word of path.split(' ')) {
    found = list?.find((c) => c.name === word)
    list = found?.commands
  }
  return found
}

/** Name, short name and default of a line of the help. */
function flagOf(line: string | number): { name: string; short: string | undefined; fallback: string } {
  const m = /^(?:-(\w), )?--([\w-]+)=(.*):\t/.exec(typeof line === 'number' ? (docs.SHARED_FLAGS[line] as string) : line)
  if (m === null) throw new Error(String(line))
  return { name: m[2] as string, short: m[1], fallback: (m[3] as string).replace(/^'|'$/g, '').replace(/^(0s?|\[\]|false)$/, '') }
}

test('every command that upstream has is there, with every flag, its short name and its default', () => {
  const wrong: string[] = []
  for (const [path, , , , , flags] of docs.HELP) {
    const command = path === '' ? undefined : at(path)
    if (path !== '' && command === undefined) wrong.push(`${path}: not there`)
    for (const line of flags) {
      const { name, short, fallback } = flagOf(line)
      const spec = command?.flags.find((f) => f.name === name) ?? global.get(name)
      if (path !== '' && command === undefined) continue
      const have = (spec?.fallback ?? '').replace(/^(0s?|\[\]|false)$/, '')
      if (spec === undefined) wrong.push(`${path}: --${name} is missing`)
      else if (spec.short !== short && global.get(name) !== spec) wrong.push(`${path}: -${short} of --${name} is -${spec.short}`)
      else if (have !== fallback && !(path === '' || /^(field-manager|\d+m0s)$/.test(name))) wrong.push(`${path}: --${name} is ${have} instead of ${fallback}`)
    }
  }
  expect(wrong).toEqual([])
})

test('no command has a flag that the help is silent about, but the deprecated and hidden ones', () => {
  const told = new Map(docs.HELP.map(([path, , , , , flags]) => [path, new Set(flags.map((f) => flagOf(f).name))]))
  const extra: string[] = []
  const walk = (list: readonly Command[], before: string): void => {
    for (const c of list) {
      const path = before + c.name
      for (const f of c.flags) if (!told.get(path)?.has(f.name) && f.name !== 'record') extra.push(`${path} --${f.name}`)
      walk(c.commands ?? [], `${path} `)
    }
  }
  walk(commands, '')
  expect(extra).toEqual([])
})

test('help is laid out as upstream lays it out', () => {
  const help = (line: string): string => runFake(line, () => notFound).stdout
  expect(help('kubectl cordon --help')).toBe(`Mark node as unschedulable.

Examples:
  # Mark node "foo" as unschedulable
  kubectl cordon foo

Options:
    --dry-run='none':
\tMust be "none", "server", or "client". If client strategy, only print the object that would be sent, without sending it. If server strategy, submit server-side request without persisting the resource.

    -l, --selector='':
\tSelector (label query) to filter on, supports '=', '==', '!=', 'in', 'notin'.(e.g. -l key1=value1,key2=value2,key3 in (value3)). Matching objects must satisfy all of the specified label constraints.

Usage:
  kubectl cordon NODE [options]

Use "kubectl options" for a list of global command-line options (applies to all commands).
`)
  expect(help('kubectl help rollout undo')).toBe(help('kubectl rollout undo -h'))
  expect(help('kubectl help')).toContain('Other Commands:\n  api-resources   Print the supported API resources on the server\n')
  expect(help('kubectl help')).toContain('Usage:\n  kubectl [flags] [options]\n')
  expect(help('kubectl apply -h')).toContain('Available Commands:\n  edit-last-applied   Edit latest last-applied-configuration annotations of a resource/object\n')
  expect(help('kubectl options')).toContain("    -n, --namespace='':\n\tIf present, the namespace scope for this CLI request\n\n")
  expect(runFake('kubectl help nonsense', () => notFound)).toMatchObject({ rc: 0, stdout: '', stderr: expect.stringMatching(/^Unknown help topic \[`nonsense`\]\n/) })
  expect(runFake('kubectl list', () => notFound).stderr).toBe('error: unknown command "list" for "kubectl"\n\nDid you mean this?\n\tget\n')
})
