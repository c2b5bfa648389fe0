import { canonicalQuantity, goJson, parseQuantity } from '../../apimachinery'
import { dataFrom, encoded, nameHash } from '../data-sources'
import { fail } from '../errors'
import { flagSpecs } from '../flags'
import { createGenerated, generatedMeta, generatorFlags, oneName } from '../generated'
import { encodeBase64 } from '../../shell'
import type { Command, Invocation } from '../verb'

/** Data of the sources that the flags name. */
const dataOf = (cmd: Invocation, kind: string, name: string): Record<string, string> =>
  dataFrom({ files: cmd.flags.list('from-file'), literals: cmd.flags.list('from-literal'), envFiles: cmd.flags.list('from-env-file') }, kind, name, cmd.io.machine)

/** The object, its name followed by the hash of its content when --append-hash is given. */
function hashed(cmd: Invocation, object: Record<string, unknown>): Record<string, unknown> {
  if (!cmd.flags.bool('append-hash')) return object
  const metadata = object['metadata'] as { readonly name: string }
  return { ...object, metadata: { ...metadata, name: `${metadata.name}-${nameHash({ ...object, metadata })}` } }
}

const configMap: Command = {
  name: 'configmap',
  aliases: ['cm'],
  flags: [...generatorFlags, ...flagSpecs('append-hash from-env-file:list from-file:list from-literal:array')],
  run(cmd) {
    const name = oneName(cmd)
    const data = dataOf(cmd, 'ConfigMap', name)
    createGenerated(cmd, hashed(cmd, { apiVersion: 'v1', ...(Object.keys(data).length > 0 ? { data } : {}), kind: 'ConfigMap', metadata: generatedMeta(cmd, name) }), 'failed to create configmap:')
  },
}

const generic: Command = {
  name: 'generic',
  flags: [...generatorFlags, ...flagSpecs('append-hash from-env-file:list from-file:list from-literal:array type:string')],
  run(cmd) {
    const name = oneName(cmd)
    const data = encoded(dataOf(cmd, 'Secret', name))
    const type = cmd.flags.string('type')
    createGenerated(cmd, hashed(cmd, { apiVersion: 'v1', ...(Object.keys(data).length > 0 ? { data } : {}), kind: 'Secret', metadata: generatedMeta(cmd, name), ...(type === '' ? {} : { type }) }), 'failed to create secret')
  },
}

const tls: Command = {
  name: 'tls',
  flags: [...generatorFlags, ...flagSpecs('append-hash cert:string key:string')],
  run(cmd) {
    const { flags, io } = cmd
    const name = oneName(cmd)
    if (flags.string('cert') === '' || flags.string('key') === '') throw fail('key and cert must be specified')
    const [cert, key] = ['cert', 'key'].map((f) => {
      const text = io.machine.read(flags.string(f))
      if (text === undefined) throw fail(`Cannot read file ${flags.string(f)}, open ${flags.string(f)}: no such file or directory`)
      return text
    }) as [string, string]
    if (!/-----BEGIN CERTIFICATE-----/.test(cert) || !/-----BEGIN .*PRIVATE KEY-----/.test(key)) throw fail('tls: failed to find any PEM data in certificate input')
    createGenerated(cmd, hashed(cmd, { apiVersion: 'v1', data: { 'tls.crt': encodeBase64(cert), 'tls.key': encodeBase64(key) }, kind: 'Secret', metadata: generatedMeta(cmd, name), type: 'kubernetes.io/tls' }), 'failed to create secret')
  },
}

const dockerRegistry: Command = {
  name: 'docker-registry',
  flags: [...generatorFlags, ...flagSpecs('append-hash docker-email:string docker-password:string docker-server:string=https://index.docker.io/v1/ docker-username:string from-file:list')],
  run(cmd) {
    const name = oneName(cmd)
    const { flags } = cmd
    const [user, password, server, email] = ['docker-username', 'docker-password', 'docker-server', 'docker-email'].map((f) => flags.string(f)) as [string, string, string, string]
    if (flags.list('from-file').length === 0 && (user === '' || password === '' || server === '')) throw fail('either --from-file or the combination of --docker-username, --docker-password and --docker-server is required')
    const files = flags.list('from-file')
    const auth = { username: user, password, ...(email === '' ? {} : { email }), auth: encodeBase64(`${user}:${password}`) }
    const data = files.length > 0 ? encoded(dataFrom({ files, literals: [], envFiles: [] }, 'Secret', name, cmd.io.machine)) : { '.dockerconfigjson': encodeBase64(goJson({ auths: { [server]: auth } })) }
    createGenerated(cmd, hashed(cmd, { apiVersion: 'v1', data, kind: 'Secret', metadata: generatedMeta(cmd, name), type: 'kubernetes.io/dockerconfigjson' }), 'failed to create secret')
  },
}

const secret: Command = {
  name: 'secret',
  flags: [],
  commands: [dockerRegistry, generic, tls],
}

const namespace: Command = {
  name: 'namespace',
  aliases: ['ns'],
  flags: generatorFlags,
  run(cmd) {
    createGenerated(cmd, { apiVersion: 'v1', kind: 'Namespace', metadata: generatedMeta(cmd, oneName(cmd), false), spec: {}, status: {} })
  },
}

const quota: Command = {
  name: 'quota',
  aliases: ['resourcequota'],
  flags: [...generatorFlags, ...flagSpecs('hard:string scopes:string')],
  run(cmd) {
    const name = oneName(cmd)
    const split = (flag: string): readonly string[] => (cmd.flags.string(flag) === '' ? [] : cmd.flags.string(flag).split(','))
    const hard = Object.fromEntries(split('hard').map((pair) => {
      const [k = '', v, more] = pair.split('=')
      if (v === undefined || more !== undefined) throw fail(`Invalid argument syntax ${pair}, expected <resource>=<value>`)
      const quantity = parseQuantity(v)
      if (typeof quantity === 'string') throw fail(quantity)
      return [k, canonicalQuantity(v)]
    }))
    const scopes = split('scopes')
    if (scopes.includes('')) throw fail('invalid resource quota scope ""')
    createGenerated(cmd, {
      apiVersion: 'v1', kind: 'ResourceQuota', metadata: generatedMeta(cmd, name),
      spec: { ...(Object.keys(hard).length > 0 ? { hard } : {}), ...(scopes.length > 0 ? { scopes } : {}) }, status: {},
    }, 'failed to create quota:')
  },
}

const priorityClass: Command = {
  name: 'priorityclass',
  aliases: ['pc'],
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

/** `host/path=service:port[,tls[=secret]]`. Upstream: create_ingress.go ruleRegex */
const ruleShape = /^[\w*\-.]*\/.*=[\w-]+:[\w-]+/

const backend = (text: string): unknown => {
  const [service = '', port = ''] = text.split(':')
  return { service: { name: service, port: /^[-+]?\d+$/.test(port) ? { number: Number(port) } : { name: port } } }
}

const ingress: Command = {
  name: 'ingress',
  aliases: ['ing'],
  flags: [...generatorFlags, ...flagSpecs('annotation:array class:string default-backend:string rule:array')],
  run(cmd) {
    const name = oneName(cmd)
    const { flags } = cmd
    const rules = flags.list('rule')
    const fallback = flags.string('default-backend')
    if (fallback === '' && rules.length === 0) throw fail('not enough information provided: every ingress has to either specify a default-backend (which catches all traffic) or a list of rules (which catch specific paths)')
    const bad = rules.find((r) => !ruleShape.test(r))
    if (bad !== undefined) throw fail(`rule ${bad} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]`)
    const stray = flags.list('annotation').find((a) => !a.includes('='))
    if (stray !== undefined) throw fail(`annotation ${stray} is invalid and should be in format key=[value]`)
    if (fallback !== '' && fallback.split(':').length !== 2) throw fail('default-backend should be in format servicename:serviceport')
    const byHost = new Map<string, unknown[]>()
    const tls: { hosts?: string[]; secretName?: string }[] = []
    const secured = new Set<string>()
    for (const rule of rules) {
      const [left = '', tail, more] = rule.split(',')
      const slash = left.indexOf('/')
      const host = left.slice(0, slash)
      const [rest = '', service = ''] = left.slice(slash + 1).split('=')
      const path = `/${rest}`
      const prefix = path.endsWith('*')
      const paths = byHost.get(host) ?? []
      byHost.set(host, paths)
      paths.push({ backend: backend(service), path: prefix ? path.slice(0, -1) : path, pathType: prefix ? 'Prefix' : 'Exact' })
      if (tail === undefined || more !== undefined || secured.has(host)) continue
      secured.add(host)
      const secretName = tail.split('=')[1] ?? ''
      const same = tls.find((t) => (t.secretName ?? '') === secretName)
      if (same !== undefined) same.hosts = [...(same.hosts ?? []), host]
      else if (host !== '' || secretName !== '') tls.push({ ...(host === '' ? {} : { hosts: [host] }), ...(secretName === '' ? {} : { secretName }) })
    }
    const annotations = Object.fromEntries(flags.list('annotation').map((a) => [a.slice(0, a.indexOf('=')), a.slice(a.indexOf('=') + 1)]))
    createGenerated(cmd, {
      apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { ...(Object.keys(annotations).length > 0 ? { annotations } : {}), ...generatedMeta(cmd, name) },
      spec: {
        ...(fallback === '' ? {} : { defaultBackend: backend(fallback) }),
        ...(flags.string('class') === '' ? {} : { ingressClassName: flags.string('class') }),
        ...(rules.length === 0 ? {} : { rules: [...byHost].map(([host, paths]) => ({ ...(host === '' ? {} : { host }), http: { paths } })) }),
        ...(tls.length === 0 ? {} : { tls }),
      },
      status: { loadBalancer: {} },
    }, 'failed to create ingress:')
  },
}

/** Generators of configuration kinds. */
export const config: readonly Command[] = [configMap, ingress, namespace, priorityClass, quota, secret]
