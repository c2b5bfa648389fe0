import { deepEqual, goQuote, parseQuantity, parseSelector } from '../../apimachinery'
import { listAt, mapAt, withField } from '../api'
import { Fail, fail } from '../errors'
import { flagSpecs } from '../flags'
import { printFlags } from '../print-flags'
import type { Command, Invocation } from '../verb'
import { resourcesAndPairs } from './label'
import { env } from './set-env'
import { changeEach, changePods, clashes, named, select, selectingFlags, setFlags, withContainers, type Container } from './set-helper'

/** Errors of the flags, together as upstream's Validate gives them. */
function check(texts: readonly string[]): void {
  if (texts.length > 0) throw new Fail(texts.map((text) => ({ text })))
}

const image: Command = {
  name: 'image',
  flags: selectingFlags,
  run(cmd) {
    const { resources, pairs } = resourcesAndPairs(cmd.args, 'image')
    const wanted = new Map<string, string>()
    for (const p of pairs) {
      const eq = p.indexOf('=')
      if (eq < 1) throw fail(`invalid image format: ${p}`)
      wanted.set(p.slice(0, eq), p.slice(eq + 1))
    }
    // The objects are looked for before the flags are judged.
    const infos = select(cmd, resources)
    const [both, local] = [clashes(cmd).filter((t) => t.includes('--all')), clashes(cmd).filter((t) => t.includes('--local'))]
    check([
      ...both, ...(resources.length < 1 && !cmd.flags.has('filename') && !cmd.flags.has('kustomize') ? ['one or more resources must be specified as <resource> <name> or <resource>/<name>'] : []),
      ...(wanted.size < 1 ? ['at least one image update is required'] : wanted.size > 1 && wanted.has('*') ? ['all containers are already specified by *, but saw more than one container_name=container_image pairs'] : []), ...local,
    ])
    const missing: string[] = []
    changePods(cmd, infos, 'image updated', 'failed to patch image update to pod template: ', (spec) => {
      let next = spec
      for (const [name, value] of wanted) {
        const after = name === '*' || !name.includes('*') ? withContainers(next, name, (c) => ({ ...c, image: value })) : undefined
        if (after === undefined) missing.push(`error: unable to find container named ${goQuote(name)}`)
        else next = after
      }
      return next
    })
    check(missing)
  },
}

/** Amounts of a `--limits` or `--requests`. Upstream: generate/versioned populateResourceListV1 */
const amounts = (text: string): Record<string, string> => Object.fromEntries(text.split(',').filter(Boolean).map((pair) => {
  const [k = '', v, extra] = pair.split('=')
  if (v === undefined || extra !== undefined) throw fail(`Invalid argument syntax ${pair}, expected <resource>=<value>`)
  const parsed = parseQuantity(v)
  if (typeof parsed === 'string') throw fail(parsed)
  return [k, v]
}))

const resources: Command = {
  name: 'resources',
  flags: [...selectingFlags, ...flagSpecs('containers/c:string=* limits:string requests:string')],
  run(cmd) {
    const { flags } = cmd
    const infos = select(cmd, cmd.args)
    const clash = clashes(cmd).at(-1)
    if (clash !== undefined) throw fail(clash)
    if (flags.string('limits') === '' && flags.string('requests') === '') throw fail('you must specify an update to requests or limits (in the form of --requests/--limits)')
    const limits = amounts(flags.string('limits'))
    const requests = amounts(flags.string('requests'))
    const merge = (c: Container, key: string, more: Record<string, string>): Container => (Object.keys(more).length === 0 ? c : withField(c, ['resources', key], { ...mapAt(c, 'resources', key), ...more }))
    changePods(cmd, infos, 'resource requirements updated', 'failed to patch resources update to pod template ', (spec) => {
      const after = withContainers(spec, flags.string('containers'), (c) => merge(merge(c, 'limits', limits), 'requests', requests))
      if (after === undefined) throw fail(`error: unable to find container named ${flags.string('containers')}`)
      return after
    })
  },
}

const serviceAccount: Command = {
  name: 'serviceaccount',
  aliases: ['sa'],
  flags: setFlags,
  run(cmd) {
    const clash = clashes(cmd)[0]
    if (clash !== undefined) throw fail(clash)
    const name = cmd.args.at(-1)
    if (name === undefined) throw fail('serviceaccount is required')
    changePods(cmd, select(cmd, cmd.args.slice(0, -1)), 'serviceaccount updated', 'failed to patch ServiceAccountName ', (spec) => withField(withField(spec, ['serviceAccountName'], name), ['serviceAccount'], name), { evenSame: true })
  },
}

const EQUAL: readonly string[] = ['=', '==']

/** Operators of match expressions. Upstream: metav1 ParseToLabelSelector */
const EXPRESSIONS: Readonly<Record<string, string>> = { in: 'In', notin: 'NotIn', exists: 'Exists', '!': 'DoesNotExist' }

const selector: Command = {
  name: 'selector',
  flags: [...printFlags, ...flagSpecs('all dry-run:string[=unchanged]=none field-manager:string filename/f:list local record recursive/R=true resource-version:string')],
  run(cmd) {
    const wanted = cmd.args.at(-1)
    if (wanted === undefined) throw fail('one selector is required')
    const parsed = parseSelector(wanted)
    if (typeof parsed === 'string') throw fail(`couldn't parse the selector string "${wanted}": ${parsed}`)
    const expressions = parsed.requirements.filter((r) => !EQUAL.includes(r.operator))
    const odd = expressions.find((r) => EXPRESSIONS[r.operator] === undefined)
    if (odd !== undefined) throw fail(`"${odd.operator}" ${odd.operator === '!=' ? 'is not a valid label selector operator' : "isn't supported in label selectors"}`)
    const labels = Object.fromEntries(parsed.requirements.filter((r) => EQUAL.includes(r.operator)).map((r) => [r.key, r.values[0] ?? '']))
    const version = cmd.flags.string('resource-version')
    changeEach(cmd, select(cmd, cmd.args.slice(0, -1)), 'selector updated', '', (object, info) => {
      if (info.mapping.kind !== 'Service') throw fail('setting a selector is only supported for Services')
      if (expressions.length > 0) throw fail(`match expression [${expressions.map((r) => `{${r.key} ${EXPRESSIONS[r.operator]} [${r.values.join(' ')}]}`).join(' ')}] not supported on this object`)
      return withField(version === '' ? object : withField(object, ['metadata', 'resourceVersion'], version), ['spec', 'selector'], labels)
    }, { evenSame: true })
  },
}

const RBAC = 'rbac.authorization.k8s.io'

/** The subjects that the flags name, each kind sorted. */
function subjects({ flags, namespace }: Invocation): readonly Record<string, string>[] {
  const once = (name: string): readonly string[] => [...new Set(flags.list(name))].toSorted()
  return [
    ...once('user').map((name) => ({ apiGroup: RBAC, kind: 'User', name })), ...once('group').map((name) => ({ apiGroup: RBAC, kind: 'Group', name })),
    ...once('serviceaccount').map((text) => ({ kind: 'ServiceAccount', name: text.split(':')[1] as string, namespace: text.split(':')[0] || namespace })),
  ]
}

const subject: Command = {
  name: 'subject',
  flags: [...selectingFlags, ...flagSpecs('group:array serviceaccount:array user:array')],
  run(cmd) {
    const { flags } = cmd
    const infos = select(cmd, cmd.args)
    const clash = clashes(cmd).at(-1)
    if (clash !== undefined) throw fail(clash)
    if (['user', 'group', 'serviceaccount'].every((f) => flags.list(f).length === 0)) throw fail('you must specify at least one value of user, group or serviceaccount')
    for (const text of flags.list('serviceaccount')) {
      const parts = text.split(':')
      if (parts.length !== 2 || parts[1] === '') throw fail('serviceaccount must be <namespace>:<name>')
      if (parts[0] === '' && infos.some((i) => i.mapping.kind === 'ClusterRoleBinding')) throw fail('serviceaccount must be <namespace>:<name>, namespace must be specified')
    }
    changeEach(cmd, infos, 'subjects updated', 'failed to patch subjects to rolebinding: ', (object, info) => {
      if (info.mapping.kind !== 'RoleBinding' && info.mapping.kind !== 'ClusterRoleBinding') throw named(info, 'setting subjects is only supported for RoleBinding/ClusterRoleBinding')
      const old = listAt<Record<string, string>>(object, 'subjects')
      const more = subjects(cmd).filter((s) => !old.some((o) => deepEqual(o, s)))
      return more.length === 0 ? undefined : withField(object, ['subjects'], [...old, ...more])
    })
  },
}

/** `kubectl set`. Upstream: kubectl/pkg/cmd/set */
export const set: Command = {
  name: 'set',
  flags: [],
  commands: [env, image, resources, selector, serviceAccount, subject],
}
