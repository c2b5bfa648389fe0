import { fail } from '../errors'
import { flagSpecs } from '../flags'
import { kustomize } from '../kustomize'
import { printYaml } from '../yaml-printer'
import type { Command } from '../verb'

/** `kubectl kustomize`: prints what -k would apply. */
export const kustomizeCommand: Command = {
  name: 'kustomize',
  flags: flagSpecs('as-current-user enable-alpha-plugins enable-helm env/e:array helm-api-versions:array helm-command:string=helm helm-debug helm-kube-version:string load-restrictor:string=LoadRestrictionsRootOnly mount:array network network-name:string=bridge output/o:string'),
  run({ args, io }) {
    if (args.length > 1) throw fail('specify one path to kustomization.yaml')
    io.out(kustomize(io.machine, args[0] ?? '.').map((o) => printYaml(o)).join('---\n'))
  },
}
