import { fail, type Fail } from '../errors'
import { flagSpecs } from '../flags'
import { kubeconfigOf, setKubeconfig } from '../kubeconfig'
import { printResult } from '../print-flags'
import { encodeBase64 } from '../../shell'
import type { ConfigFields, Kubeconfig } from '../shell/machine'
import { tableText } from '../tabwriter'
import type { Thing } from '../api'
import type { Command, Invocation } from '../verb'
import { throwAll } from './get'
import { printYaml } from '../yaml-printer'

const sorted = <T>(o: Readonly<Record<string, T>>): [string, T][] => Object.entries(o).toSorted(([a], [b]) => (a < b ? -1 : 1))

/** The kubeconfig as YAML shows it, without secrets. */
function shown(config: Kubeconfig, raw: boolean, minify: boolean): Record<string, unknown> {
  const one = config.contexts[config.current]
  const keep = (name: string, wanted: string | undefined): boolean => !minify || name === wanted
  const hidden = (label: string): string => (raw ? 'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t' : label)
  const fieldsOf = (fields: ConfigFields): Record<string, unknown> => Object.fromEntries(sorted(fields).map(([k, v]) => [k, raw ? v : k.endsWith('-data') ? 'DATA+OMITTED' : k === 'password' ? 'REDACTED' : v]))
  const some = <T>(list: readonly T[]): readonly T[] | null => (list.length === 0 ? null : list)
  return {
    apiVersion: 'v1',
    clusters: some(sorted(config.clusters).filter(([name]) => keep(name, one?.cluster)).map(([name, c]) => ({ cluster: { ...(c.insecure ? { 'insecure-skip-tls-verify': true } : c.fields === undefined ? { 'certificate-authority-data': hidden('DATA+OMITTED') } : {}), ...fieldsOf(c.fields ?? {}), server: c.server }, name }))),
    contexts: some(sorted(config.contexts).filter(([name]) => keep(name, config.current)).map(([name, c]) => ({ context: { cluster: c.cluster, ...(c.namespace ? { namespace: c.namespace } : {}), user: c.user }, name }))),
    'current-context': config.current,
    kind: 'Config',
    users: some(sorted(config.users).filter(([name]) => keep(name, one?.user)).map(([name, u]) => ({ name, user: u.token === undefined && u.fields === undefined ? { 'client-certificate-data': hidden('DATA+OMITTED'), 'client-key-data': hidden('DATA+OMITTED') } : { ...fieldsOf(u.fields ?? {}), ...(u.token === undefined ? {} : { token: raw ? u.token : 'REDACTED' }) } }))),
  }
}

/** A file that is named but not there says nothing. */
const configOf = ({ io: { machine }, flags }: Invocation): Kubeconfig => {
  const path = flags.has('kubeconfig') ? machine.path(flags.string('kubeconfig')) : ''
  return path === '' || path in machine.kubeconfigs || path === '/home/you/.kube/config' || machine.read(path) !== undefined ? kubeconfigOf(machine, flags) : { current: '', contexts: {}, clusters: {}, users: {} }
}
const save = (cmd: Invocation, config: Kubeconfig): void => setKubeconfig(cmd.io.machine, cmd.flags, config)

/** Words that are too many or too few: the help, then the error. Upstream: config.go helpErrorf */
function unexpected(cmd: Invocation, args: readonly string[] = cmd.args): Fail {
  cmd.io.out(cmd.help())
  return fail(`Unexpected args: [${args.join(' ')}]`)
}

/** The one word that names an entry. */
function only(cmd: Invocation, what: string): string {
  const [name, ...more] = cmd.args
  if (name === undefined || more.length > 0) throw unexpected(cmd)
  if (name === '') throw fail(what)
  return name
}

/** Where the file of the command is. */
const fileOf = (cmd: Invocation): string => (cmd.flags.has('kubeconfig') ? cmd.io.machine.path(cmd.flags.string('kubeconfig')) : '/home/you/.kube/config')

/** A file that a flag names, as a field of an entry: its path, or its content. Upstream: set_cluster.go, set_credentials.go */
function fileField(cmd: Invocation, flag: string): ConfigFields {
  if (!cmd.flags.has(flag)) return {}
  const path = cmd.flags.string(flag)
  if (!cmd.flags.bool('embed-certs')) return { [flag]: path === '' ? undefined : cmd.io.machine.path(path), [`${flag}-data`]: undefined }
  const text = cmd.io.machine.read(path)
  if (text === undefined) throw fail(`could not stat ${flag} file ${path}: stat ${path}: no such file or directory`)
  return { [`${flag}-data`]: encodeBase64(text), [flag]: undefined }
}

const kept = (fields: ConfigFields): ConfigFields => Object.fromEntries(Object.entries(fields).filter(([, v]) => v !== undefined && v !== ''))

const view: Command = {
  name: 'view',
  flags: flagSpecs('allow-missing-template-keys=true flatten merge=true minify output/o:string=yaml raw show-managed-fields template:string'),
  run(cmd) {
    const { flags, io } = cmd
    if (cmd.args.length > 0) throw cmd.usage(`unexpected arguments: [${cmd.args.join(' ')}]`)
    if (!flags.bool('merge') && !flags.has('kubeconfig')) throw fail('if merge==false a precise file must be specified')
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
    const format = flags.string('output')
    if (format !== '' && format !== 'name' && format !== 'wide') throw fail(`--output ${format} is not available in kubectl config get-contexts; resetting to default output format`)
    const rows = sorted(config.contexts).filter(([name]) => args.length === 0 || args.includes(name))
    if (flags.string('output') === 'name') io.out(rows.map(([name]) => `${name}\n`).join(''))
    else io.out(tableText([...(flags.bool('no-headers') ? [] : [['CURRENT', 'NAME', 'CLUSTER', 'AUTHINFO', 'NAMESPACE']]), ...rows.map(([name, c]) => [name === config.current ? '*' : '', name, c.cluster, c.user, c.namespace ?? ''])]))
    throwAll(args.filter((a) => !Object.hasOwn(config.contexts, a)).map((a) => ({ text: `context ${a} not found` })))
  },
}

const useContext: Command = {
  name: 'use-context',
  aliases: ['use'],
  complete: 'context',
  flags: [],
  run(cmd) {
    const name = only(cmd, 'empty context names are not allowed')
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
    if (args.length > 1) throw unexpected(cmd)
    const named = args[0] ?? ''
    if (named === '' && !flags.bool('current')) throw fail('you must specify a non-empty context name or --current')
    if (named !== '' && flags.bool('current')) throw fail('you cannot specify both a context name and --current')
    const config = configOf(cmd)
    if (flags.bool('current') && config.current === '') throw fail('no current context is set')
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
    const name = only(cmd, '')
    const config = configOf(cmd)
    if (!Object.hasOwn(config.contexts, name)) throw fail(`cannot delete context ${name}, not in ${fileOf(cmd)}`)
    if (name === config.current) cmd.io.err('warning: this removed your active context, use "kubectl config use-context" to select a different one\n')
    save(cmd, { ...config, contexts: Object.fromEntries(Object.entries(config.contexts).filter(([k]) => k !== name)) })
    cmd.io.out(`deleted context ${name} from ${fileOf(cmd)}\n`)
  },
}

const renameContext: Command = {
  name: 'rename-context', complete: 'context', flags: [],
  run(cmd) {
    const [from, to, ...more] = cmd.args
    if (from === undefined || to === undefined || more.length > 0) throw unexpected(cmd)
    if (to === '') throw fail('You must specify a new non-empty context name')
    const config = configOf(cmd)
    const context = config.contexts[from]
    if (context === undefined) throw fail(`cannot rename the context "${from}", it's not in ${fileOf(cmd)}`)
    if (Object.hasOwn(config.contexts, to)) throw fail(`cannot rename the context "${from}", the context "${to}" already exists in ${fileOf(cmd)}`)
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
    if (what === 'user' && cmd.args.length === 0) throw cmd.usage('user to delete is required')
    const name = only(cmd, '')
    const config = configOf(cmd)
    const of = what === 'cluster' ? 'clusters' : 'users'
    if (!Object.hasOwn(config[of], name)) throw fail(`cannot delete ${what} ${name}, not in ${fileOf(cmd)}`)
    save(cmd, { ...config, [of]: Object.fromEntries(Object.entries(config[of] as Record<string, unknown>).filter(([k]) => k !== name)) })
    cmd.io.out(`deleted ${what} ${name} from ${fileOf(cmd)}\n`)
  },
})

const setCluster: Command = {
  name: 'set-cluster',
  flags: flagSpecs('embed-certs proxy-url:string'),
  run(cmd) {
    const { flags } = cmd
    const name = only(cmd, 'you must specify a non-empty cluster name')
    if (flags.bool('insecure-skip-tls-verify') && flags.string('certificate-authority') !== '') throw fail('you cannot specify a certificate authority and insecure mode at the same time')
    if (flags.bool('embed-certs') && flags.string('certificate-authority') === '') throw fail('you must specify a --certificate-authority to embed')
    const config = configOf(cmd)
    const was = config.clusters[name]
    const insecure = flags.has('insecure-skip-tls-verify') ? flags.bool('insecure-skip-tls-verify') : flags.has('certificate-authority') ? false : was?.insecure
    const ca = insecure ? { 'certificate-authority': undefined, 'certificate-authority-data': undefined } : fileField(cmd, 'certificate-authority')
    const touched = insecure || flags.has('certificate-authority') || flags.has('tls-server-name') || flags.has('proxy-url')
    const fields = was !== undefined && was.fields === undefined && !touched ? undefined
      : kept({ ...was?.fields, ...(flags.has('server') ? { 'tls-server-name': undefined } : {}), ...ca, ...(flags.has('tls-server-name') ? { 'tls-server-name': flags.string('tls-server-name') } : {}), ...(flags.has('proxy-url') ? { 'proxy-url': flags.string('proxy-url') } : {}) })
    save(cmd, { ...config, clusters: { ...config.clusters, [name]: { server: flags.has('server') ? flags.string('server') : (was?.server ?? ''), insecure, fields } } })
    cmd.io.out(`Cluster "${name}" set.\n`)
  },
}

const setCredentials: Command = {
  name: 'set-credentials',
  flags: flagSpecs('auth-provider:string auth-provider-arg:array embed-certs exec-api-version:string exec-arg:array exec-command:string exec-env:array exec-interactive-mode:string exec-provide-cluster-info'),
  run(cmd) {
    const { flags } = cmd
    if (cmd.args.length !== 1) throw fail(`unexpected args: [${cmd.args.join(' ')}]`)
    const name = only(cmd, 'you must specify a non-empty user name')
    const [token, user, password] = ['token', 'username', 'password'].map((f) => flags.string(f)) as [string, string, string]
    if (token !== '' && (user !== '' || password !== '')) throw fail('you cannot specify more than one authentication method at the same time: --token, --username/--password')
    if (flags.bool('embed-certs') && flags.string('client-certificate') === '' && flags.string('client-key') === '') throw fail('you must specify a --client-certificate or --client-key to embed')
    if (!['', 'IfAvailable', 'Never', 'Always'].includes(flags.string('exec-interactive-mode'))) throw fail('invalid interactive mode type, can be only IfAvailable, Never, Always')
    const config = configOf(cmd)
    const was = config.users[name]
    const command = flags.string('exec-command')
    const exec = command === '' ? {} : { exec: { apiVersion: flags.string('exec-api-version'), ...(flags.list('exec-arg').length > 0 ? { args: flags.list('exec-arg') } : {}), command, interactiveMode: flags.string('exec-interactive-mode') || 'IfAvailable', provideClusterInfo: flags.bool('exec-provide-cluster-info') } }
    const basic = Object.fromEntries(['username', 'password'].filter((f) => flags.has(f)).map((f) => [f, flags.string(f)]))
    // A token takes the place of name and password, and the other way round.
    const fields = kept({ ...was?.fields, ...fileField(cmd, 'client-certificate'), ...fileField(cmd, 'client-key'), ...exec, ...(token === '' ? basic : { username: undefined, password: undefined }) })
    save(cmd, { ...config, users: { ...config.users, [name]: { fields, token: token !== '' ? token : flags.has('token') || user !== '' || password !== '' ? undefined : was?.token } } })
    cmd.io.out(`User "${name}" set.\n`)
  },
}

const MAPS = ['clusters', 'contexts', 'users'] as const

/** `config set PROPERTY VALUE` and `config unset PROPERTY`: a path of an entry and a field. Upstream: set.go, unset.go, navigation_step_parser.go */
const setProperty = (value: boolean): Command => ({
  name: value ? 'set' : 'unset',
  flags: value ? flagSpecs('set-raw-bytes') : [],
  run(cmd) {
    const [property = '', to = ''] = cmd.args
    if (cmd.args.length !== (value ? 2 : 1)) throw unexpected(cmd, value ? cmd.args.slice(Math.min(2, cmd.args.length)) : cmd.args)
    if (value && to === '') throw fail('you cannot use set to unset a property')
    if (property === '') throw fail('you must specify a property')
    const config = configOf(cmd)
    const m = /^(clusters|contexts|users)\.(.+?)(?:\.([a-z-]+))?$/.exec(property)
    const map = MAPS.find((n) => n === m?.[1])
    if (property === 'current-context') save(cmd, { ...config, current: to })
    else if (map === undefined || m === null) throw fail(`unable to locate path ${JSON.stringify(property)}`)
    else {
      const [, , name, field] = m as unknown as [string, string, string, string | undefined]
      const entries = config[map] as Readonly<Record<string, Record<string, unknown>>>
      if (field === undefined) {
        if (value) throw fail(`can't set a map to a value: ${property}`)
        if (!Object.hasOwn(entries, name)) throw fail(`current map key \`${name}\` is invalid`)
        save(cmd, { ...config, [map]: Object.fromEntries(Object.entries(entries).filter(([k]) => k !== name)) })
      } else save(cmd, { ...config, [map]: { ...entries, [name]: withProperty(map, entries[name], field, value ? to : undefined) } })
    }
    cmd.io.out(value ? `Property "${property}" set.\n` : `Property "${property}" unset.\n`)
  },
})

function withProperty(map: (typeof MAPS)[number], entry: Record<string, unknown> | undefined, field: string, to: string | undefined): Record<string, unknown> {
  if (map === 'contexts') {
    if (!['cluster', 'user', 'namespace'].includes(field)) throw fail(`unable to locate path ${JSON.stringify(field)}`)
    return { cluster: '', user: '', ...entry, [field]: field === 'namespace' ? to : (to ?? '') }
  }
  const was: Record<string, unknown> = map === 'clusters' ? { server: '', ...entry } : { ...entry }
  if (field === 'server' || field === 'token') return { ...was, fields: was['fields'] ?? (entry === undefined ? {} : undefined), [field]: field === 'server' ? (to ?? '') : to }
  if (field === 'insecure-skip-tls-verify') return { ...was, insecure: to === 'true', fields: was['fields'] ?? {} }
  return { ...was, fields: kept({ ...(was['fields'] as ConfigFields | undefined), [field]: to }) }
}

/** `kubectl config`: the kubeconfig is part of the machine's state. Upstream: kubectl/pkg/cmd/config */
export const config: Command = {
  name: 'config',
  flags: [],
  commands: [
    currentContext, without('cluster'), deleteContext, without('user'), names('get-clusters', 'clusters'), getContexts, names('get-users', 'users'),
    renameContext, setProperty(true), setCluster, setContext, setCredentials, setProperty(false), useContext, view,
  ],
}
