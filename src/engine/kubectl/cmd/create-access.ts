import { at, textAt, type Thing } from '../api'
import { fail, problemOf, wordsOf } from '../errors'
import { flagSpecs } from '../flags'
import { createGenerated, generatedMeta, generatorFlags, oneName } from '../generated'
import { printerFor, printFlags } from '../print-flags'
import type { Command, Invocation } from '../verb'

const RESOURCE_VERBS: readonly string[] = ['*', 'get', 'delete', 'list', 'create', 'update', 'patch', 'watch', 'proxy', 'deletecollection', 'use', 'bind', 'escalate', 'impersonate']
const URL_VERBS: readonly string[] = ['*', 'get', 'post', 'put', 'delete', 'patch', 'head', 'options']

/** Verbs that make sense for some resources only, by group. Upstream: create_role.go specialVerbs */
const SPECIAL: Readonly<Record<string, readonly string[]>> = {
  bind: ['roles.rbac.authorization.k8s.io', 'clusterroles.rbac.authorization.k8s.io'], escalate: ['roles.rbac.authorization.k8s.io', 'clusterroles.rbac.authorization.k8s.io'],
  impersonate: ['users.', 'serviceaccounts.', 'groups.', 'userextras.authentication.k8s.io'],
}

interface Wanted {
  readonly resource: string
  readonly group: string
  readonly sub: string
}

/** What `--resource` names; `*` alone is all. Upstream: create_role.go Complete */
function resourcesOf(cmd: Invocation): readonly Wanted[] {
  const out: Wanted[] = []
  for (const typed of cmd.flags.list('resource')) {
    const slash = typed.indexOf('/')
    const head = slash < 0 ? typed : typed.slice(0, slash)
    const dot = head.indexOf('.')
    const one = { resource: dot < 0 ? head : head.slice(0, dot), group: dot < 0 ? '' : head.slice(dot + 1), sub: slash < 0 ? '' : typed.slice(slash + 1) }
    if (one.resource === '*' && dot < 0 && slash < 0) return [one]
    out.push(one)
  }
  return out
}

const verbsOf = (cmd: Invocation): readonly string[] => (cmd.flags.list('verb').includes('*') ? ['*'] : [...new Set(cmd.flags.list('verb'))])

/** Upstream: create_role.go validateResource */
function checkResources(cmd: Invocation, verbs: readonly string[], wanted: readonly Wanted[]): void {
  for (const w of wanted) {
    if (w.resource === '') throw fail('resource must be specified if apiGroup/subresource specified')
    if (w.resource === '*') return
    const found = cmd.mapper.find(w.group === '' ? w.resource : `${w.resource}.${w.group}`)
    const [resource, group] = found === undefined ? [w.resource, w.group] : [found.resource, found.group]
    let known = found !== undefined
    for (const v of verbs) {
      const special = SPECIAL[v]
      if (special === undefined) continue
      if (!special.includes(`${resource}.${group}`)) throw fail(`can not perform '${v}' on '${resource}' in group '${group}'`)
      known = true
    }
    if (!known) throw fail(`the server doesn't have a resource type "${w.resource}"${w.group === '' ? '' : ` in group "${w.group}"`}`, true)
  }
}

/** One rule per API group. Upstream: create_role.go Validate, generateResourcePolicyRules; create_clusterrole.go Validate */
function rules(cmd: Invocation, cluster: boolean): unknown[] {
  const { flags, mapper, io } = cmd
  const verbs = verbsOf(cmd)
  const wanted = resourcesOf(cmd)
  const urls = [...new Set(flags.list('non-resource-url'))]
  const names = [...new Set(flags.list('resource-name'))]
  if (verbs.length === 0) throw fail('at least one verb must be specified')
  if (cluster && wanted.length === 0 && urls.length === 0) throw fail('one of resource or nonResourceURL must be specified')
  if (wanted.length > 0 || !cluster) for (const v of verbs) if (!RESOURCE_VERBS.includes(v)) io.err(`Warning: '${v}' is not a standard resource verb\n`)
  if (!cluster && wanted.length === 0) throw fail('at least one resource must be specified')
  checkResources(cmd, verbs, wanted)
  for (const v of urls.length > 0 ? verbs : []) if (!URL_VERBS.includes(v)) throw fail(`invalid verb: '${v}' for nonResourceURL`)
  for (const url of urls) {
    if (url === '*') continue
    if (!url.startsWith('/')) throw fail('nonResourceURL should start with /')
    if (url.slice(0, -1).includes('*')) throw fail("nonResourceURL only supports wildcard matches when '*' is at the end")
  }
  const byGroup = new Map<string, string[]>()
  for (const w of wanted) {
    const found = mapper.find(w.group === '' ? w.resource : `${w.resource}.${w.group}`)
    const [resource, group] = found === undefined ? [w.resource, w.group] : [found.resource, found.group]
    const text = w.sub === '' ? resource : `${resource}/${w.sub}`
    const list = byGroup.get(group) ?? []
    if (!list.includes(text)) list.push(text)
    byGroup.set(group, list)
  }
  const out: unknown[] = [...byGroup].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([group, list]) => ({ apiGroups: [group], ...(names.length > 0 ? { resourceNames: names } : {}), resources: list, verbs }))
  if (urls.length > 0) out.push({ nonResourceURLs: urls, verbs })
  return out
}

const roleFlags = [...generatorFlags, ...flagSpecs('resource:list resource-name:array verb:list')]

const role: Command = {
  name: 'role',
  flags: roleFlags,
  run(cmd) {
    const name = oneName(cmd)
    createGenerated(cmd, { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: generatedMeta(cmd, name), rules: rules(cmd, false) })
  },
}

const clusterRole: Command = {
  name: 'clusterrole',
  flags: [...roleFlags, ...flagSpecs('aggregation-rule:list non-resource-url:list')],
  run(cmd) {
    const { flags } = cmd
    const name = oneName(cmd)
    const object = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: generatedMeta(cmd, name, false) }
    if (!flags.has('aggregation-rule')) return createGenerated(cmd, { ...object, rules: rules(cmd, true) })
    if (['non-resource-url', 'verb', 'resource', 'resource-name'].some((f) => flags.list(f).length > 0)) throw fail('aggregation rule must be specified without nonResourceURLs, verbs, resources or resourceNames')
    const matchLabels = Object.fromEntries(flags.list('aggregation-rule').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]))
    createGenerated(cmd, { aggregationRule: { clusterRoleSelectors: [{ matchLabels }] }, ...object, rules: null })
  },
}

const API = 'rbac.authorization.k8s.io'

function subjects(cmd: Invocation): unknown[] {
  const { flags } = cmd
  return [
    ...flags.list('user').map((name) => ({ apiGroup: API, kind: 'User', name })),
    ...flags.list('group').map((name) => ({ apiGroup: API, kind: 'Group', name })),
    ...flags.list('serviceaccount').map((text) => {
      const [namespace = '', name = '', extra] = text.split(':')
      if (namespace === '' || name === '' || extra !== undefined) throw fail('serviceaccount must be <namespace>:<name>')
      return { kind: 'ServiceAccount', name, namespace }
    }),
  ]
}

const bindingFlags = [...generatorFlags, ...flagSpecs('clusterrole:string group:array serviceaccount:array user:array')]

const roleBinding: Command = {
  name: 'rolebinding',
  flags: [...bindingFlags, ...flagSpecs('role:string')],
  run(cmd) {
    const name = oneName(cmd)
    const cluster = cmd.flags.string('clusterrole')
    const local = cmd.flags.string('role')
    if ((cluster === '') === (local === '')) throw fail('exactly one of clusterrole or role must be specified')
    createGenerated(cmd, {
      apiVersion: `${API}/v1`, kind: 'RoleBinding', metadata: generatedMeta(cmd, name),
      roleRef: { apiGroup: API, kind: cluster === '' ? 'Role' : 'ClusterRole', name: cluster || local }, subjects: subjects(cmd),
    }, 'failed to create rolebinding:')
  },
}

const clusterRoleBinding: Command = {
  name: 'clusterrolebinding',
  flags: bindingFlags,
  required: ['clusterrole'],
  run(cmd) {
    const name = oneName(cmd)
    createGenerated(cmd, {
      apiVersion: `${API}/v1`, kind: 'ClusterRoleBinding', metadata: generatedMeta(cmd, name, false),
      roleRef: { apiGroup: API, kind: 'ClusterRole', name: cmd.flags.string('clusterrole') }, subjects: subjects(cmd),
    }, 'failed to create clusterrolebinding:')
  },
}

const serviceAccount: Command = {
  name: 'serviceaccount',
  aliases: ['sa'],
  flags: generatorFlags,
  run(cmd) {
    createGenerated(cmd, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: generatedMeta(cmd, oneName(cmd)) }, 'failed to create serviceaccount:')
  },
}

/** Kinds that a token can be bound to, and their versions. */
const BOUND: Readonly<Record<string, string>> = { Node: 'v1', Pod: 'v1', Secret: 'v1' }

const token: Command = {
  name: 'token',
  flags: [...printFlags, ...flagSpecs('audience:array bound-object-kind:string bound-object-name:string bound-object-uid:string duration:duration')],
  run(cmd) {
    const { flags, io, api } = cmd
    const name = oneName(cmd)
    const printer = printerFor(flags, io, false)
    const duration = flags.duration('duration')
    const [kind, object, uid] = [flags.string('bound-object-kind'), flags.string('bound-object-name'), flags.string('bound-object-uid')]
    if (duration < 0) throw fail('--duration must be greater than or equal to 0')
    if (duration % 1_000_000 !== 0) throw fail('--duration cannot be expressed in units less than seconds')
    if (flags.list('audience').includes('')) throw fail('--audience must not be an empty string')
    if (kind === '' && object !== '') throw fail('--bound-object-name can only be set if --bound-object-kind is provided')
    if (kind === '' && uid !== '') throw fail('--bound-object-uid can only be set if --bound-object-kind is provided')
    if (kind !== '' && BOUND[kind] === undefined) throw fail('supported --bound-object-kind values are Node, Pod, Secret')
    if (kind !== '' && object === '') throw fail('--bound-object-name is required if --bound-object-kind is provided')
    const body = {
      apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: {},
      spec: { audiences: flags.list('audience'), ...(duration > 0 ? { expirationSeconds: duration / 1_000_000 } : {}), ...(kind === '' ? {} : { boundObjectRef: { kind, apiVersion: BOUND[kind], name: object, ...(uid === '' ? {} : { uid }) } }) },
    }
    const response = api.try({ verb: 'create', path: `/api/v1/namespaces/${cmd.namespace}/serviceaccounts/${name}/token`, body })
    if (response.code >= 300 || response.code === 0) throw fail(`failed to create token: ${wordsOf(problemOf(response))}`)
    if (at(response.body, 'status', 'token') === undefined) throw fail('failed to create token: no token in server response')
    if (printer === undefined) return io.out(textAt(response.body, 'status', 'token'))
    printer.print(response.body as Thing)
    printer.finish?.()
  },
}

/** Generators of access control kinds. */
export const access: readonly Command[] = [clusterRole, clusterRoleBinding, role, roleBinding, serviceAccount, token]
