import { fail } from '../errors'
import { flagSpecs } from '../flags'
import type { Command } from '../verb'

/** `kubectl kustomize`: there are no directories on this machine yet. */
export const kustomize: Command = {
  name: 'kustomize',
  short: 'Build a kustomization target from a directory or URL',
  usage: 'DIR [options]',
  flags: flagSpecs('enable-helm output/o:string'),
  run({ args }) {
    const path = args[0] ?? '.'
    throw fail(`must build at directory: not a valid directory: evalsymlink failure on '${path}' : lstat ${path}: no such file or directory`)
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
