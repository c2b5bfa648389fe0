import { goQuote, parseCertificate } from '../apimachinery'
import type { Credentials } from '../client-go'
import { SECOND } from '../sim'
import { fail, Fail } from './errors'
import type { Flags } from './flags'
import type { Io } from './io'
import { logHead } from './rest-log'
import { decodeBase64 } from '../shell'
import { home, newKubeconfig, type Kubeconfig, type Machine } from './shell/machine'

/** Where the API server is. */
const SERVER = { host: '10.0.0.10', port: 6443 } as const

/** Key of the kubeconfig that a command uses: '' is the machine's own. KUBECONFIG is not looked at. */
function keyOf(machine: Machine, flags: Flags): string {
  const path = flags.has('kubeconfig') ? machine.path(flags.string('kubeconfig')) : ''
  return path === `${home}/.kube/config` ? '' : path
}

/** The kubeconfig that a command uses. One that was never written is as the machine's own. */
export function kubeconfigOf(machine: Machine, flags: Flags): Kubeconfig {
  return machine.kubeconfigs[keyOf(machine, flags)] ?? machine.kubeconfigs[''] ?? newKubeconfig()
}

/** Changes the kubeconfig that a command uses. */
export function setKubeconfig(machine: Machine, flags: Flags, config: Kubeconfig): void {
  const key = keyOf(machine, flags)
  if (Object.keys(machine.kubeconfigs).length < 20 || key in machine.kubeconfigs) machine.kubeconfigs = { ...machine.kubeconfigs, [key]: config }
}

/** How a command gets to the server, and as whom: looked at when it first asks something. Upstream: client-go/tools/clientcmd DirectClientConfig.ClientConfig */
export function connector(io: Io, flags: Flags): NonNullable<Io['connect']> {
  let found: { readonly as: Credentials | undefined } | undefined
  return () => {
    found ??= { as: connect(io, flags) }
    return found.as
  }
}

function connect(io: Io, flags: Flags): Credentials | undefined {
  const config = kubeconfigOf(io.machine, flags)
  const name = flags.string('context') || config.current
  const context = config.contexts[name]
  if (context === undefined && name !== '') throw new Fail([{ text: `Error in configuration: context was not found for specified context: ${name}`, bare: true }])
  const cluster = flags.global('cluster') || (context?.cluster ?? '')
  if (flags.global('cluster') !== '' && config.clusters[cluster] === undefined) throw fail(`cluster ${goQuote(cluster)} does not exist`)
  const user = flags.global('user') || (context?.user ?? '')
  if (flags.global('user') !== '' && config.users[user] === undefined) throw fail(`auth info ${goQuote(user)} does not exist`)
  const credentials = credentialsOf(io, flags, user, config.users[user])
  dial(io, flags.string('server') || config.clusters[cluster]?.server || 'http://localhost:8080')
  return credentials
}

/** The words of clientcmd about a configuration that cannot be. Upstream: cmdutil.MultilineError */
const invalid = (errors: readonly string[]): Fail => fail(`Error in configuration: ${errors.length === 1 ? errors[0] : `\n${errors.map((e) => `* ${e}\n`).join('')}`}`, true)

/** As whom a user of a kubeconfig asks; undefined: kubeadm's own. */
function credentialsOf(io: Io, flags: Flags, name: string, user: Kubeconfig['users'][string] | undefined): Credentials | undefined {
  const { machine } = io
  if (flags.string('token') !== '') return { token: flags.string('token') }
  const field = (key: string): string => flags.string(key) || String(user?.fields?.[key] ?? '')
  const [certificate, key] = [field('client-certificate'), field('client-key')]
  const data = flags.has('client-certificate') ? '' : String(user?.fields?.['client-certificate-data'] ?? '')
  if (certificate === '' && data === '' && user?.token) return { token: user.token }
  if (certificate !== '' || data !== '') {
    const unread = (what: string, path: string): string[] => (path === '' || machine.read(path) !== undefined ? [] : [`unable to read ${what} ${path} for ${name} due to open ${path}: no such file or directory`])
    const errors = [
      ...(key === '' && !user?.fields?.['client-key-data'] ? [`client-key-data or client-key must be specified for ${name} to use the clientCert authentication method.`] : []), ...unread('client-cert', certificate), ...unread('client-key', key),
    ]
    if (errors.length > 0) throw invalid(errors)
    const subject = parseCertificate((certificate === '' ? decodeBase64(data) : machine.read(certificate)) ?? '')
    if (subject === undefined) throw fail('tls: failed to find any PEM data in certificate input')
    // Only what the cluster's authority has signed counts, and not for ever.
    return subject.issuer === 'kubernetes' && subject.until > io.now() ? { subject: { name: subject.name, groups: subject.groups } } : { token: '' }
  }
  if (user !== undefined && user.fields === undefined) return undefined
  const exec = user?.fields?.['exec'] as { readonly command?: string } | undefined
  if (exec?.command) throw fail(`Unable to connect to the server: getting credentials: exec: executable ${exec.command} not found\n\nIt looks like you are trying to use a client-go credential plugin that is not installed.\n\nTo learn more about this feature, consult the documentation available at:\n      https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins\n`, true)
  // Names and passwords are nothing that this server knows.
  if (field('username') !== '') return { token: '' }
  if (flags.string('server') === '' && name !== '') {
    io.out('Please enter Username: ')
    throw fail('EOF')
  }
  return {}
}

/** Errors: throws when nobody answers at an address. */
function dial(io: Io, server: string): void {
  const [, scheme = 'https', host = '', digits] = /^(?:(https?):\/\/)?([^/:]+)(?::(\d+))?/.exec(server) ?? []
  const port = Number(digits ?? (scheme === 'https' ? 443 : 80))
  if (host === SERVER.host && port === SERVER.port) {
    if (scheme === 'http') throw fail('Error from server (BadRequest): the server rejected our request for an unknown reason', true)
    return
  }
  const local = host === 'localhost' || host === '127.0.0.1'
  // A proxy is there.
  if (local && scheme === 'http' && port !== 8080) return
  const address = local ? `127.0.0.1:${port}` : `${host}:${port}`
  const isIp = /^\d+\.\d+\.\d+\.\d+$/.test(host)
  const refused = local || host === SERVER.host
  if (isIp && !refused) io.sleep(30 * SECOND)
  const error = refused ? `dial tcp ${address}: connect: connection refused` : isIp ? `dial tcp ${address}: i/o timeout` : `dial tcp: lookup ${host}: no such host`
  // Nothing is known of that server yet: what it serves is asked for, five times.
  for (let i = 0; i < 5; i++) io.err(`${logHead(io.now(), 'memcache.go:265', 'E')}"Unhandled Error" err=${goQuote(`couldn't get current server API group list: Get "${scheme}://${host}${digits === undefined ? '' : `:${digits}`}/api?timeout=32s": ${error}`)}\n`)
  throw fail(refused ? `The connection to the server ${host}${digits === undefined ? '' : `:${digits}`} was refused - did you specify the right host or port?` : `Unable to connect to the server: ${error}`, true)
}
