import { fail } from '../errors'
import { flagSpecs } from '../flags'
import { createGenerated, generatedMeta, generatorFlags, oneName } from '../generated'
import type { Command, Invocation } from '../verb'

/** Base64 of a text's UTF-8 bytes. */
export function base64(text: string): string {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  const bytes = utf8(text)
  let out = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const n = ((bytes[i] as number) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    out += (digits[n >> 18] as string) + digits[(n >> 12) & 63] + (i + 1 < bytes.length ? digits[(n >> 6) & 63] : '=') + (i + 2 < bytes.length ? digits[n & 63] : '=')
  }
  return out
}

function utf8(text: string): number[] {
  const out: number[] = []
  for (const c of text) {
    const n = c.codePointAt(0) as number
    if (n < 0x80) out.push(n)
    else if (n < 0x800) out.push(0xc0 | (n >> 6), 0x80 | (n & 63))
    else if (n < 0x10000) out.push(0xe0 | (n >> 12), 0x80 | ((n >> 6) & 63), 0x80 | (n & 63))
    else out.push(0xf0 | (n >> 18), 0x80 | ((n >> 12) & 63), 0x80 | ((n >> 6) & 63), 0x80 | (n & 63))
  }
  return out
}

/** Pairs of --from-literal; files do not exist on this machine. Upstream: create_configmap.go handleConfigMapFromLiteralSources */
function literals(cmd: Invocation, kind: string, name: string): Record<string, string> {
  for (const file of [...cmd.flags.list('from-file'), ...cmd.flags.list('from-env-file')]) {
    const path = file.slice(file.indexOf('=') + 1)
    throw fail(`error reading ${path}: no such file or directory`)
  }
  const data: Record<string, string> = {}
  for (const source of cmd.flags.list('from-literal')) {
    const eq = source.indexOf('=')
    if (eq < 1) throw fail(`invalid literal source ${source}, expected key=value`)
    const key = source.slice(0, eq)
    const value = source.slice(eq + 1)
    if (Object.hasOwn(data, key)) throw fail(kind === 'ConfigMap' ? `cannot add key "${key}", another key by that name already exists in Data for ConfigMap "${name}"` : `cannot add key ${key}, another key by that name already exists`)
    data[key] = /^'.*'$|^".*"$/s.test(value) ? value.slice(1, -1) : value
  }
  return data
}

const configMap: Command = {
  name: 'configmap',
  aliases: ['cm'],
  short: 'Create a config map from a local file, directory or literal value',
  usage: 'NAME [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none] [options]',
  flags: [...generatorFlags, ...flagSpecs('append-hash from-env-file:list from-file:list from-literal:array')],
  run(cmd) {
    const name = oneName(cmd)
    const data = literals(cmd, 'ConfigMap', name)
    createGenerated(cmd, { apiVersion: 'v1', ...(Object.keys(data).length > 0 ? { data } : {}), kind: 'ConfigMap', metadata: generatedMeta(cmd, name) }, 'failed to create configmap:')
  },
}

const generic: Command = {
  name: 'generic',
  short: 'Create a secret from a local file, directory, or literal value',
  usage: 'NAME [--type=string] [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none] [options]',
  flags: [...generatorFlags, ...flagSpecs('append-hash from-env-file:list from-file:list from-literal:array type:string')],
  run(cmd) {
    const name = oneName(cmd)
    const data = Object.fromEntries(Object.entries(literals(cmd, 'Secret', name)).map(([k, v]) => [k, base64(v)]))
    const type = cmd.flags.string('type')
    createGenerated(cmd, { apiVersion: 'v1', ...(Object.keys(data).length > 0 ? { data } : {}), kind: 'Secret', metadata: generatedMeta(cmd, name), ...(type === '' ? {} : { type }) }, 'failed to create secret')
  },
}

const tls: Command = {
  name: 'tls',
  short: 'Create a TLS secret',
  usage: 'NAME --cert=path/to/cert/file --key=path/to/key/file [--dry-run=server|client|none] [options]',
  flags: [...generatorFlags, ...flagSpecs('append-hash cert:string key:string')],
  run(cmd) {
    oneName(cmd)
    const cert = cmd.flags.string('cert')
    if (cert === '' || cmd.flags.string('key') === '') throw fail('key and cert must be specified')
    throw fail(`Cannot read file ${cert}, open ${cert}: no such file or directory`)
  },
}

const dockerRegistry: Command = {
  name: 'docker-registry',
  short: 'Create a secret for use with a Docker registry',
  usage: 'NAME --docker-username=user --docker-password=password --docker-email=email [--docker-server=string] [--from-file=[key=]source] [--dry-run=server|client|none] [options]',
  flags: [...generatorFlags, ...flagSpecs('append-hash docker-email:string docker-password:string docker-server:string=https://index.docker.io/v1/ docker-username:string from-file:list')],
  run(cmd) {
    const name = oneName(cmd)
    const { flags } = cmd
    const [user, password, server, email] = ['docker-username', 'docker-password', 'docker-server', 'docker-email'].map((f) => flags.string(f)) as [string, string, string, string]
    if (flags.list('from-file').length === 0 && (user === '' || password === '' || server === '')) throw fail('either --from-file or the combination of --docker-username, --docker-password and --docker-server is required')
    const auth = { username: user, password, ...(email === '' ? {} : { email }), auth: base64(`${user}:${password}`) }
    createGenerated(cmd, {
      apiVersion: 'v1', data: { '.dockerconfigjson': base64(JSON.stringify({ auths: { [server]: auth } })) }, kind: 'Secret', metadata: generatedMeta(cmd, name), type: 'kubernetes.io/dockerconfigjson',
    }, 'failed to create secret')
  },
}

const secret: Command = {
  name: 'secret',
  short: 'Create a secret using a specified subcommand',
  long: 'Create a secret with specified type.\n\n A docker-registry type secret is for accessing a container registry.\n\n A generic type secret indicate an Opaque secret type.\n\n A tls type secret holds TLS certificate and its associated key.',
  usage: '(docker-registry | generic | tls) [options]',
  flags: [],
  commands: [dockerRegistry, generic, tls],
}

const namespace: Command = {
  name: 'namespace',
  aliases: ['ns'],
  short: 'Create a namespace with the specified name',
  usage: 'NAME [--dry-run=server|client|none] [options]',
  flags: generatorFlags,
  run(cmd) {
    createGenerated(cmd, { apiVersion: 'v1', kind: 'Namespace', metadata: generatedMeta(cmd, oneName(cmd), false), spec: {}, status: {} })
  },
}

const quota: Command = {
  name: 'quota',
  aliases: ['resourcequota'],
  short: 'Create a quota with the specified name',
  usage: 'NAME [--hard=key1=value1,key2=value2] [--scopes=Scope1,Scope2] [--dry-run=server|client|none] [options]',
  flags: [...generatorFlags, ...flagSpecs('hard:string scopes:string')],
  run(cmd) {
    const name = oneName(cmd)
    const hard = Object.fromEntries(cmd.flags.string('hard').split(',').filter(Boolean).map((pair) => {
      const [k = '', v] = pair.split('=')
      if (v === undefined || v === '') throw fail(`invalid argument syntax ${pair}, expected <resource>=<quantity>`)
      return [k, v]
    }))
    const scopes = cmd.flags.string('scopes').split(',').filter(Boolean)
    createGenerated(cmd, {
      apiVersion: 'v1', kind: 'ResourceQuota', metadata: generatedMeta(cmd, name),
      spec: { ...(Object.keys(hard).length > 0 ? { hard } : {}), ...(scopes.length > 0 ? { scopes } : {}) }, status: {},
    }, 'failed to create quota:')
  },
}

const priorityClass: Command = {
  name: 'priorityclass',
  aliases: ['pc'],
  short: 'Create a priority class with the specified name',
  usage: 'NAME --value=VALUE --global-default=BOOL [--dry-run=server|client|none] [options]',
  flags: [...generatorFlags, ...flagSpecs('description:string global-default preemption-policy:string=PreemptLowerPriority value:int32')],
  run(cmd) {
    const { flags } = cmd
    const description = flags.string('description')
    createGenerated(cmd, {
      apiVersion: 'scheduling.k8s.io/v1', ...(description === '' ? {} : { description }), ...(flags.bool('global-default') ? { globalDefault: true } : {}), kind: 'PriorityClass',
      metadata: generatedMeta(cmd, oneName(cmd), false), preemptionPolicy: flags.string('preemption-policy'), value: flags.int('value'),
    }, 'failed to create priorityclass:')
  },
}

/** `host/path=service:port[,tls[=secret]]`. Upstream: create_ingress.go */
const ruleShape = /^([^/=]*)(\/[^=]*)=([^:,]+):([^,]+)(?:,tls(?:=([^,]*))?)?$/

const backend = (service: string, port: string): unknown => ({ service: { name: service, port: /^\d+$/.test(port) ? { number: Number(port) } : { name: port } } })

const ingress: Command = {
  name: 'ingress',
  aliases: ['ing'],
  short: 'Create an ingress with the specified name',
  usage: 'NAME --rule=host/path=service:port[,tls[=secret]] [options]',
  flags: [...generatorFlags, ...flagSpecs('annotation:array class:string default-backend:string rule:array')],
  run(cmd) {
    const name = oneName(cmd)
    const { flags } = cmd
    const rules = flags.list('rule')
    const fallback = flags.string('default-backend')
    if (fallback === '' && rules.length === 0) throw fail('not enough information provided: every ingress has to either specify a default-backend (which catches all traffic) or a list of rules (which catch specific paths)')
    const byHost = new Map<string, unknown[]>()
    const tlsHosts = new Map<string, string[]>()
    for (const rule of rules) {
      const m = ruleShape.exec(rule)
      if (m === null) throw fail(`rule ${rule} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]`)
      const [, host = '', path = '', svc = '', port = '', secretName] = m
      const prefix = path.endsWith('*')
      const paths = byHost.get(host) ?? []
      byHost.set(host, paths)
      paths.push({ backend: backend(svc, port), path: prefix ? path.slice(0, -1) : path, pathType: prefix ? 'Prefix' : 'Exact' })
      if (/,tls/.test(rule)) tlsHosts.set(secretName ?? '', [...(tlsHosts.get(secretName ?? '') ?? []), host])
    }
    if (fallback !== '' && !/^[^:]+:[^:]+$/.test(fallback)) throw fail('default-backend should be in format servicename:serviceport')
    const annotations = Object.fromEntries(flags.list('annotation').map((a) => [a.slice(0, a.indexOf('=')), a.slice(a.indexOf('=') + 1)]))
    createGenerated(cmd, {
      apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { ...(Object.keys(annotations).length > 0 ? { annotations } : {}), ...generatedMeta(cmd, name) },
      spec: {
        ...(fallback === '' ? {} : { defaultBackend: backend(fallback.split(':')[0] as string, fallback.split(':')[1] as string) }),
        ...(flags.string('class') === '' ? {} : { ingressClassName: flags.string('class') }),
        ...(rules.length === 0 ? {} : { rules: [...byHost].map(([host, paths]) => ({ ...(host === '' ? {} : { host }), http: { paths } })) }),
        ...(tlsHosts.size === 0 ? {} : { tls: [...tlsHosts].map(([secretName, hosts]) => ({ hosts: hosts.filter((h) => h !== ''), ...(secretName === '' ? {} : { secretName }) })) }),
      },
      status: { loadBalancer: {} },
    }, 'failed to create ingress:')
  },
}

/** Generators of configuration kinds. */
export const config: readonly Command[] = [configMap, ingress, namespace, priorityClass, quota, secret]
