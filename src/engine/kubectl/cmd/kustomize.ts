import { fail } from '../errors'
import { flagSpecs } from '../flags'
import { kustomize } from '../kustomize'
import { printYaml } from '../yaml-printer'
import type { Command } from '../verb'

/** `kubectl kustomize`: prints what -k would apply. */
export const kustomizeCommand: Command = {
  name: 'kustomize',
  short: 'Build a kustomization target from a directory or URL',
  usage: 'DIR [options]',
  flags: flagSpecs('enable-helm output/o:string'),
  run({ args, io }) {
    if (args.length > 1) throw fail('specify one path to kustomization.yaml')
    io.out(kustomize(io.machine, args[0] ?? '.').map((o) => printYaml(o)).join('---\n'))
  },
}
