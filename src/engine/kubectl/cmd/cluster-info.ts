import { goJson } from '../../apimachinery'
import { textAt } from '../api'
import { flagSpecs } from '../flags'
import { optionsText } from '../help'
import type { Command } from '../verb'
import { dump } from './cluster-info-dump'
import { printYaml } from '../yaml-printer'
import { fail } from '../errors'

/** `kubectl cluster-info`. Upstream: kubectl/pkg/cmd/clusterinfo */
export const clusterInfo: Command = {
  name: 'cluster-info',
  flags: [],
  commands: [dump],
  run({ api, io }) {
    const services = api.list('/api/v1/namespaces/kube-system/services', { labelSelector: 'kubernetes.io/cluster-service=true' }).items
    const server = 'https://10.0.0.10:6443'
    io.out(`Kubernetes control plane is running at ${server}\n`)
    for (const s of services) {
      const name = s.metadata.labels?.['kubernetes.io/name'] ?? s.metadata.name
      const port = textAt((s.spec?.['ports'] as unknown[] | undefined)?.[0], 'name')
      io.out(`${name} is running at ${server}/api/v1/namespaces/kube-system/services/${s.metadata.name}${port === '' ? '' : `:${port}`}/proxy\n`)
    }
    io.out("\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n")
  },
}

const CLIENT = { buildDate: '2026-06-01T00:00:00Z', compiler: 'gc', gitCommit: '8e16b12fda5b1dccc41a6de48b3e356cc7d5048b', gitTreeState: 'clean', gitVersion: 'v1.36.2', goVersion: 'go1.26.10', major: '1', minor: '36', platform: 'linux/amd64' }

/** `kubectl version`. Upstream: kubectl/pkg/cmd/version */
export const version: Command = {
  name: 'version',
  flags: flagSpecs('client output/o:string'),
  run({ api, io, flags, args }) {
    const output = flags.string('output')
    if (args.length > 0) throw fail(`extra arguments: [${args.join(' ')}]`)
    if (!['', 'yaml', 'json'].includes(output)) throw fail("--output must be 'yaml' or 'json'")
    const server = flags.bool('client') ? undefined : api.get('/version')
    if (output !== '') {
      const value = { clientVersion: CLIENT, kustomizeVersion: 'v5.7.1', ...(server === undefined ? {} : { serverVersion: server }) }
      return io.out(output === 'yaml' ? printYaml(value) : `${JSON.stringify(JSON.parse(goJson(value)), null, 2)}\n`)
    }
    io.out(`Client Version: ${CLIENT.gitVersion}\nKustomize Version: v5.7.1\n`)
    if (server !== undefined) io.out(`Server Version: ${textAt(server, 'gitVersion')}\n`)
  },
}

/** `kubectl options`. */
export const options: Command = {
  name: 'options',
  flags: [],
  run: ({ io }) => io.out(optionsText()),
}
