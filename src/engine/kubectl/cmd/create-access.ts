import { at, textAt } from '../api'
import { fail, problemOf, wordsOf } from '../errors'
import { flagSpecs } from '../flags'
import { createGenerated, generatedMeta, generatorFlags, oneName } from '../generated'
import type { Command, Invocation } from '../verb'

const resourceVerbs: readonly string[] = ['*', 'get', 'delete', 'list', 'create', 'update', 'patch', 'watch', 'proxy', 'deletecollection', 'use', 'bind', 'escalate', 'impersonate']

/** One rule per API group, as create_role.go groups them. */
function rules(cmd: Invocation): unknown[] {
  const { flags, mapper } = cmd
  const verbs = [...new Set(flags.list('verb'))].filter(Boolean)
  const resources = flags.list('resource').filter(Boolean)
  const urls = flags.list('non-resource-url')
  if (verbs.length === 0) throw fail('at least one verb must be specified')
  for (const v of resources.length > 0 ? verbs : []) if (!resourceVerbs.includes(v)) cmd.io.err(`Warning: '${v}' is not a standard resource verb\n`)
  if (resources.length === 0 && urls.length === 0) throw fail(cmd.path.endsWith('clusterrole') ? 'at least one resource or nonResourceURL must be specified' : 'at least one resource must be specified')
  const names = flags.list('resource-name')
  const byGroup = new Map<string, string[]>()
  for (const typed of resources) {
    const [type = '', sub] = typed.split('/')
    if (type === '*') {
      byGroup.set('*', ['*'])
      continue
    }
    const mapping = mapper.find(type)
    if (mapping === undefined) throw fail(`the server doesn't have a resource type "${type.split('.')[0]}"`, true)
    byGroup.set(mapping.group, [...(byGroup.get(mapping.group) ?? []), sub === undefined ? mapping.resource : `${mapping.resource}/${sub}`])
  }
  const out: unknown[] = [...byGroup].map(([group, list]) => ({ apiGroups: [group], ...(names.length > 0 ? { resourceNames: names } : {}), resources: list, verbs: verbs.includes('*') ? ['*'] : verbs }))
  if (urls.length > 0) out.push({ nonResourceURLs: urls, verbs })
  return out
}

const roleFlags = [...generatorFlags, ...flagSpecs('resource:list resource-name:array verb:list')]

const role: Command = {
  name: 'role',
  short: 'Create a role with single rule',
  usage: 'NAME --verb=verb --resource=resource.group/subresource [--resource-name=resourcename] [--dry-run=server|client|none] [options]',
  flags: roleFlags,
  run(cmd) {
    const name = oneName(cmd)
    createGenerated(cmd, { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: generatedMeta(cmd, name), rules: rules(cmd) })
  },
}

const clusterRole: Command = {
  name: 'clusterrole',
  short: 'Create a cluster role',
  usage: 'NAME --verb=verb --resource=resource.group [--resource-name=resourcename] [--dry-run=server|client|none] [options]',
  flags: [...roleFlags, ...flagSpecs('aggregation-rule:array non-resource-url:list')],
  run(cmd) {
    const name = oneName(cmd)
    createGenerated(cmd, { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: generatedMeta(cmd, name, false), rules: rules(cmd) })
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
  short: 'Create a role binding for a particular role or cluster role',
  usage: 'NAME --clusterrole=NAME|--role=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none] [options]',
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
  short: 'Create a cluster role binding for a particular cluster role',
  usage: 'NAME --clusterrole=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none] [options]',
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
  short: 'Create a service account with the specified name',
  usage: 'NAME [--dry-run=server|client|none] [options]',
  flags: generatorFlags,
  run(cmd) {
    createGenerated(cmd, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: generatedMeta(cmd, oneName(cmd)) }, 'failed to create serviceaccount:')
  },
}

const token: Command = {
  name: 'token',
  short: 'Request a service account token',
  usage: 'SERVICE_ACCOUNT_NAME [options]',
  flags: [...generatorFlags, ...flagSpecs('audience:array bound-object-kind:string bound-object-name:string bound-object-uid:string duration:duration')],
  run(cmd) {
    const name = oneName(cmd)
    const response = cmd.api.try({ verb: 'create', path: `/api/v1/namespaces/${cmd.namespace}/serviceaccounts/${name}/token`, body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: {}, spec: { audiences: cmd.flags.list('audience') } } })
    if (response.code >= 300 || response.code === 0) throw fail(`failed to create token: ${wordsOf(problemOf(response))}`)
    if (at(response.body, 'status', 'token') === undefined) throw fail('failed to create token: no token in server response')
    cmd.io.out(textAt(response.body, 'status', 'token'))
  },
}

/** Generators of access control kinds. */
export const access: readonly Command[] = [clusterRole, clusterRoleBinding, role, roleBinding, serviceAccount, token]
