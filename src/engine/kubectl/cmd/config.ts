import { fail } from '../errors'
import { flagSpecs } from '../flags'
import { tableText } from '../tabwriter'
import type { Command, Invocation } from '../verb'
import { printYaml } from '../yaml-printer'

/** The one context of the simulated kubeconfig. */
const CONTEXT = 'kubernetes-admin@kubernetes'
const CLUSTER = 'kubernetes'
const USER = 'kubernetes-admin'

const namespaceOf = (cmd: Invocation): string => (cmd.flags.has('namespace') || cmd.explicitNamespace || cmd.namespace === 'default' ? '' : cmd.namespace)

const view: Command = {
  name: 'view',
  short: 'Display merged kubeconfig settings or a specified kubeconfig file',
  flags: flagSpecs('flatten merge=true minify output/o:string raw'),
  run(cmd) {
    const namespace = namespaceOf(cmd)
    const config = {
      apiVersion: 'v1', clusters: [{ cluster: { 'certificate-authority-data': 'DATA+OMITTED', server: 'https://10.0.0.10:6443' }, name: CLUSTER }],
      contexts: [{ context: { cluster: CLUSTER, ...(namespace === '' ? {} : { namespace }), user: USER }, name: CONTEXT }], 'current-context': CONTEXT, kind: 'Config',
      users: [{ name: USER, user: { 'client-certificate-data': 'DATA+OMITTED', 'client-key-data': 'DATA+OMITTED' } }],
    }
    const output = cmd.flags.string('output')
    if (output === 'json') return cmd.io.out(`${JSON.stringify(config, null, 4)}\n`)
    if (output.startsWith('jsonpath=')) {
      if (output.includes('namespace')) return cmd.io.out(namespace)
      return cmd.io.out(output.includes('server') ? 'https://10.0.0.10:6443' : output.includes('current-context') ? CONTEXT : '')
    }
    return cmd.io.out(printYaml(config))
  },
}

const currentContext: Command = { name: 'current-context', short: 'Display the current-context', flags: [], run: ({ io }) => io.out(`${CONTEXT}\n`) }

const getContexts: Command = {
  name: 'get-contexts',
  short: 'Describe one or many contexts',
  usage: '[(-o|--output=)name)] [options]',
  flags: flagSpecs('no-headers output/o:string'),
  run(cmd) {
    const { flags, io, args } = cmd
    const bad = args.find((a) => a !== CONTEXT)
    if (bad !== undefined) throw fail(`context ${bad} not found`)
    if (flags.string('output') === 'name') return io.out(`${CONTEXT}\n`)
    return io.out(tableText([...(flags.bool('no-headers') ? [] : [['CURRENT', 'NAME', 'CLUSTER', 'AUTHINFO', 'NAMESPACE']]), ['*', CONTEXT, CLUSTER, USER, namespaceOf(cmd)]]))
  },
}

const useContext: Command = {
  name: 'use-context',
  aliases: ['use'],
  short: 'Set the current-context in a kubeconfig file',
  usage: 'CONTEXT_NAME [options]',
  flags: [],
  run(cmd) {
    const [name] = cmd.args
    if (name === undefined) throw cmd.usage('Unexpected args: []')
    if (name !== CONTEXT) throw fail(`no context exists with the name: "${name}"`)
    cmd.io.out(`Switched to context "${name}".\n`)
  },
}

/** Changes the namespace of the context: the terminal that shows the line keeps it (see the room's README). */
const setContext: Command = {
  name: 'set-context',
  short: 'Set a context entry in kubeconfig',
  usage: '[NAME | --current] [--cluster=cluster_nickname] [--user=user_nickname] [--namespace=namespace] [options]',
  flags: flagSpecs('current'),
  run({ flags, args, io }) {
    if (!flags.bool('current') && args.length !== 1) throw fail('Unexpected args: [' + args.join(' ') + ']')
    const name = flags.bool('current') ? CONTEXT : args[0]
    io.out(`Context "${name}" ${name === CONTEXT ? 'modified' : 'created'}.\n`)
  },
}

const list = (name: string, short: string, title: string, value: string): Command => ({ name, short, flags: [], run: ({ io }) => io.out(`${title}\n${value}\n`) })

/** `kubectl config`. Upstream: kubectl/pkg/cmd/config */
export const config: Command = {
  name: 'config',
  short: 'Modify kubeconfig files',
  usage: 'SUBCOMMAND [options]',
  flags: [],
  commands: [currentContext, list('get-clusters', 'Display clusters defined in the kubeconfig', 'NAME', CLUSTER), getContexts, list('get-users', 'Display users defined in the kubeconfig', 'NAME', USER), setContext, useContext, view],
}
