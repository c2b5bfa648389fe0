import { dataFrom, encoded, nameHash } from '../data-sources'
import { fail } from '../errors'
import { flagSpecs } from '../flags'
import { createGenerated, generatedMeta, generatorFlags, oneName } from '../generated'
import { encodeBase64 } from '../shell/base64'
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
    const auth = { username: user, password, ...(email === '' ? {} : { email }), auth: encodeBase64(`${user}:${password}`) }
    createGenerated(cmd, {
      apiVersion: 'v1', data: { '.dockerconfigjson': encodeBase64(JSON.stringify({ auths: { [server]: auth } })) }, kind: 'Secret', metadata: generatedMeta(cmd, name), type: 'kubernetes.io/dockerconfigjson',
    }, 'failed to create secret')
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
