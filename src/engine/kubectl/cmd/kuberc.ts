import { fail } from '../errors'
import { flagSpecs } from '../flags'
import { printFlags, printResult } from '../print-flags'
import { readDocuments } from '../manifest'
import type { Thing } from '../api'
import type { Command, Invocation } from '../verb'

/** Where preferences are kept. */
const pathOf = ({ flags, io }: Invocation): string => flags.string('kuberc') || io.machine.vars['KUBERC'] || '~/.kube/kuberc'

const view: Command = {
  name: 'view',
  flags: printFlags.map((f) => (f.name === 'output' ? { ...f, fallback: 'yaml' } : f)),
  run(cmd) {
    const { io, flags } = cmd
    const text = io.machine.read(pathOf(cmd))
    if (text === undefined) {
      const missing = `kuberc file not found at ${io.machine.path(pathOf(cmd))}`
      if (flags.has('kuberc')) throw fail(missing)
      return io.err(`${missing}\n`)
    }
    const { docs, error } = readDocuments(text)
    if (error !== undefined) throw fail(`error parsing kuberc file: ${error}`)
    printResult(docs[0] as unknown as Thing, '', flags, io)
  },
}

/** `kubectl kuberc`: preferences are kept in a file, and have no effect here. Upstream: kubectl/pkg/cmd/kuberc */
export const kuberc: Command = {
  name: 'kuberc',
  flags: [],
  commands: [
    {
      name: 'set',
      flags: flagSpecs('appendarg:array command:string name:string option:array overwrite policy:string prependarg:array section:string allowlist-entry:array'),
      run() {
        throw fail('preferences have no effect here: use alias and export of the shell instead')
      },
    },
    view,
  ],
}

/** `kubectl alpha`: no commands are in alpha now. Upstream: kubectl/pkg/cmd/alpha.go */
export const alpha: Command = { name: 'alpha', flags: [], helpToStdout: true }
