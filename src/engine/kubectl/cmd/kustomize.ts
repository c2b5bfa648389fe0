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

/** `kubectl proxy`. */
export const proxy: Command = {
  name: 'proxy',
  short: 'Run a proxy to the Kubernetes API server',
  flags: flagSpecs('accept-hosts:string accept-paths:string address:string api-prefix:string append-server-path disable-filter keepalive:duration port/p:int=8001 reject-methods:string reject-paths:string unix-socket/u:string www/w:string www-prefix/P:string'),
  run() {
    throw fail('proxy is not supported in this simulation yet')
  },
}
