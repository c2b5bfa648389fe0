import { fail } from '../errors'
import { flagSpecs } from '../flags'
import { kubeconfigOf, setKubeconfig } from '../kubeconfig'
import { printResult } from '../print-flags'
import type { Kubeconfig } from '../shell/machine'
import { tableText } from '../tabwriter'
import type { Thing } from '../api'
import type { Command, Invocation } from '../verb'
import { printYaml } from '../yaml-printer'

const sorted = <T>(o: Readonly<Record<string, T>>): [string, T][] => Object.entries(o).toSorted(([a], [b]) => (a < b ? -1 : 1))

/** The kubeconfig as YAML shows it, without secrets. */
function shown(config: Kubeconfig, raw: boolean, minify: boolean): Record<string, unknown> {
  const one = config.contexts[config.current]
  const keep = (name: string, wanted: string | undefined): boolean => !minify || name === wanted
  const hidden = (label: string): string => (raw ? 'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t' : label)
  return {
    apiVersion: 'v1',
    clusters: sorted(config.clusters).filter(([name]) => keep(name, one?.cluster)).map(([name, c]) => ({ cluster: c.insecure ? { 'insecure-skip-tls-verify': true, server: c.server } : { 'certificate-authority-data': hidden('DATA+OMITTED'), server: c.server }, name })),
    contexts: sorted(config.contexts).filter(([name]) => keep(name, config.current)).map(([name, c]) => ({ context: { cluster: c.cluster, ...(c.namespace ? { namespace: c.namespace } : {}), user: c.user }, name })),
    'current-context': config.current,
    kind: 'Config',
    users: sorted(config.users).filter(([name]) => keep(name, one?.user)).map(([name, u]) => ({ name, user: u.token === undefined ? { 'client-certificate-data': hidden('DATA+OMITTED'), 'client-key-data': hidden('DATA+OMITTED') } : { token: raw ? u.token : 'REDACTED' } })),
  }
}

const configOf = (cmd: Invocation): Kubeconfig => kubeconfigOf(cmd.io.machine, cmd.flags)
const save = (cmd: Invocation, config: Kubeconfig): void => setKubeconfig(cmd.io.machine, cmd.flags, config)

function only(cmd: Invocation): string {
  const [name, ...more] = cmd.args
  if (name === undefined || more.length > 0) throw cmd.usage(`Unexpected args: [${cmd.args.join(' ')}]`)
  return name
}

const view: Command = {
  name: 'view',
  flags: flagSpecs('allow-missing-template-keys=true flatten merge=true minify output/o:string=yaml raw show-managed-fields template:string'),
  run(cmd) {
    const { flags, io } = cmd
    const config = shown(configOf(cmd), flags.bool('raw'), flags.bool('minify'))
    if (flags.string('output') === 'yaml') return io.out(printYaml(config))
    return printResult(config as unknown as Thing, '', flags, io)
  },
}

const currentContext: Command = {
  name: 'current-context', flags: [],
  run(cmd) {
    const { current } = configOf(cmd)
    if (current === '') throw fail('current-context is not set')
    cmd.io.out(`${current}\n`)
  },
}

const getContexts: Command = {
  name: 'get-contexts',
  flags: flagSpecs('no-headers output/o:string'),
  run(cmd) {
    const { flags, io, args } = cmd
    const config = configOf(cmd)
    const rows = sorted(config.contexts).filter(([name]) => args.length === 0 || args.includes(name))
    if (flags.string('output') === 'name') io.out(rows.map(([name]) => `${name}\n`).join(''))
    else io.out(tableText([...(flags.bool('no-headers') ? [] : [['CURRENT', 'NAME', 'CLUSTER', 'AUTHINFO', 'NAMESPACE']]), ...rows.map(([name, c]) => [name === config.current ? '*' : '', name, c.cluster, c.user, c.namespace ?? ''])]))
    const bad = args.find((a) => !Object.hasOwn(config.contexts, a))
    if (bad !== undefined) throw fail(`context ${bad} not found`)
  },
}

const useContext: Command = {
  name: 'use-context',
  aliases: ['use'],
  complete: 'context',
  flags: [],
  run(cmd) {
    const name = only(cmd)
    const config = configOf(cmd)
    if (!Object.hasOwn(config.contexts, name)) throw fail(`no context exists with the name: "${name}"`)
    save(cmd, { ...config, current: name })
    cmd.io.out(`Switched to context "${name}".\n`)
  },
}

const setContext: Command = {
  name: 'set-context',
  flags: flagSpecs('current'),
  complete: 'context',
  run(cmd) {
    const { flags, args, io } = cmd
    if (flags.bool('current') ? args.length > 0 : args.length !== 1) throw cmd.usage('Unexpected args: [' + args.join(' ') + ']')
    const config = configOf(cmd)
    const name = flags.bool('current') ? config.current : (args[0] as string)
    const was = config.contexts[name]
    if (Object.keys(config.contexts).length >= 100) throw fail('too many contexts')
    const context = { cluster: flags.string('cluster') || (was?.cluster ?? ''), user: flags.string('user') || (was?.user ?? ''), namespace: flags.has('namespace') ? flags.string('namespace') : was?.namespace }
    save(cmd, { ...config, contexts: { ...config.contexts, [name]: context } })
    io.out(`Context "${name}" ${was === undefined ? 'created' : 'modified'}.\n`)
  },
}

const deleteContext: Command = {
  name: 'delete-context', complete: 'context', flags: [],
  run(cmd) {
    const name = only(cmd)
    const config = configOf(cmd)
    if (!Object.hasOwn(config.contexts, name)) throw fail(`cannot delete context ${name}, not in /home/you/.kube/config`)
    if (name === config.current) cmd.io.err('warning: this removed your active context, use "kubectl config use-context" to select a different one\n')
    save(cmd, { ...config, contexts: Object.fromEntries(Object.entries(config.contexts).filter(([k]) => k !== name)) })
    cmd.io.out(`deleted context ${name} from /home/you/.kube/config\n`)
  },
}

const renameContext: Command = {
  name: 'rename-context', complete: 'context', flags: [],
  run(cmd) {
    const [from, to, ...more] = cmd.args
    if (from === undefined || to === undefined || more.length > 0) throw cmd.usage(`Unexpected args: [${cmd.args.join(' ')}]`)
    const config = configOf(cmd)
    const context = config.contexts[from]
    if (context === undefined) throw fail(`cannot rename the context "${from}", it's not in /home/you/.kube/config`)
    if (Object.hasOwn(config.contexts, to)) throw fail(`cannot rename the context "${from}", the context "${to}" already exists in /home/you/.kube/config`)
    save(cmd, { ...config, current: config.current === from ? to : config.current, contexts: { ...Object.fromEntries(Object.entries(config.contexts).filter(([k]) => k !== from)), [to]: context } })
    cmd.io.out(`Context "${from}" renamed to "${to}".\n`)
  },
}

const names = (name: string, of: 'clusters' | 'users'): Command => ({
  name, flags: [],
  run(cmd) {
    cmd.io.out(`NAME\n${sorted(configOf(cmd)[of] as Record<string, unknown>).map(([k]) => `${k}\n`).join('')}`)
  },
})

/** `delete-cluster` and `delete-user`. */
const without = (what: 'cluster' | 'user'): Command => ({
  name: `delete-${what}`, flags: [],
  run(cmd) {
    const name = only(cmd)
    const config = configOf(cmd)
    const of = what === 'cluster' ? 'clusters' : 'users'
    if (!Object.hasOwn(config[of], name)) throw fail(`cannot delete ${what} ${name}, not in /home/you/.kube/config`)
    save(cmd, { ...config, [of]: Object.fromEntries(Object.entries(config[of] as Record<string, unknown>).filter(([k]) => k !== name)) })
    cmd.io.out(`deleted ${what} ${name} from /home/you/.kube/config\n`)
  },
})

const setCluster: Command = {
  name: 'set-cluster', 
  flags: flagSpecs('embed-certs proxy-url:string'),
  run(cmd) {
    const name = only(cmd)
    const config = configOf(cmd)
    const was = config.clusters[name]
    save(cmd, { ...config, clusters: { ...config.clusters, [name]: { server: cmd.flags.string('server') || (was?.server ?? ''), insecure: cmd.flags.has('insecure-skip-tls-verify') ? cmd.flags.bool('insecure-skip-tls-verify') : was?.insecure } } })
    cmd.io.out(`Cluster "${name}" set.\n`)
  },
}

const setCredentials: Command = {
  name: 'set-credentials', 
  flags: flagSpecs('auth-provider:string auth-provider-arg:array embed-certs exec-api-version:string exec-arg:array exec-command:string exec-env:array exec-interactive-mode:string exec-provide-cluster-info'),
  run(cmd) {
    const name = only(cmd)
    const config = configOf(cmd)
    save(cmd, { ...config, users: { ...config.users, [name]: cmd.flags.has('token') ? { token: cmd.flags.string('token') } : (config.users[name] ?? {}) } })
    cmd.io.out(`User "${name}" set.\n`)
  },
}

/** `config set PROPERTY VALUE` and `config unset PROPERTY`, of contexts and the current one. */
const setProperty = (value: boolean): Command => ({
  name: value ? 'set' : 'unset',
  flags: value ? flagSpecs('set-raw-bytes') : [],
  run(cmd) {
    const [property, to = ''] = cmd.args
    if (property === undefined || cmd.args.length !== (value ? 2 : 1)) throw cmd.usage(`Unexpected args: [${cmd.args.join(' ')}]`)
    const config = configOf(cmd)
    const m = /^contexts\.(.+?)(?:\.(namespace|cluster|user))?$/.exec(property)
    if (property === 'current-context') save(cmd, { ...config, current: to })
    else if (m !== null && m[2] !== undefined) {
      const was = config.contexts[m[1] as string] ?? { cluster: '', user: '' }
      save(cmd, { ...config, contexts: { ...config.contexts, [m[1] as string]: { ...was, [m[2]]: value ? to : m[2] === 'namespace' ? undefined : '' } } })
    } else if (m !== null && !value) save(cmd, { ...config, contexts: Object.fromEntries(Object.entries(config.contexts).filter(([k]) => k !== m[1])) })
    else if (/^(clusters|users)\./.test(property)) save(cmd, config)
    else throw fail(`unable to parse ${JSON.stringify(property)} at 0`)
    cmd.io.out(value ? `Property "${property}" set.\n` : `Property "${property}" unset.\n`)
  },
})

/** `kubectl config`: the kubeconfig is part of the machine's state. Upstream: kubectl/pkg/cmd/config */
export const config: Command = {
  name: 'config',
  flags: [],
  commands: [
    currentContext, without('cluster'), deleteContext, without('user'), names('get-clusters', 'clusters'), getContexts, names('get-users', 'users'),
    renameContext, setProperty(true), setCluster, setContext, setCredentials, setProperty(false), useContext, view,
  ],
}
