import { deepEqual } from '../../apimachinery'
import { at, listAt, mapAt, withField, type Thing } from '../api'
import { find, type Info } from '../builder'
import { Fail, fail, problemOf } from '../errors'
import { flagSpecs } from '../flags'
import { dryRunOf, printFlags, printResult } from '../print-flags'
import { pathOf } from '../rest-mapper'
import type { Command, Invocation } from '../verb'
import { fileFlags, requireFiles } from './apply'
import { throwAll } from './get'

interface Rule {
  readonly verbs?: readonly string[]
  readonly apiGroups?: readonly string[]
  readonly resources?: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly nonResourceURLs?: readonly string[]
}

/** Rules of one verb on one resource each. Upstream: component-helpers/auth/rbac/validation BreakdownRule */
function breakdown(rules: readonly Rule[]): readonly Rule[] {
  return rules.flatMap((r) => [
    ...(r.apiGroups ?? []).flatMap((group) => (r.resources ?? []).flatMap((resource) => (r.verbs ?? []).flatMap((verb): Rule[] => {
      const one = { verbs: [verb], apiGroups: [group], resources: [resource] }
      return r.resourceNames?.length ? r.resourceNames.map((name) => ({ ...one, resourceNames: [name] })) : [one]
    }))),
    ...(r.nonResourceURLs ?? []).flatMap((url) => (r.verbs ?? []).map((verb): Rule => ({ verbs: [verb], nonResourceURLs: [url] }))),
  ])
}

/** Whether a rule allows all that a broken down one does. Upstream: validation ruleCovers */
function covers(owner: Rule, one: Rule): boolean {
  const has = (list: readonly string[] | undefined, wanted: string | undefined): boolean => list?.includes('*') === true || (wanted !== undefined && list?.includes(wanted) === true)
  if (!has(owner.verbs, one.verbs?.[0])) return false
  const url = one.nonResourceURLs?.[0]
  if (url !== undefined) return has(owner.nonResourceURLs, url) || (owner.nonResourceURLs ?? []).some((u) => u.endsWith('*') && url.startsWith(u.slice(0, -1)))
  const resource = one.resources?.[0] ?? ''
  const sub = resource.slice(resource.indexOf('/') + 1)
  return has(owner.apiGroups, one.apiGroups?.[0]) && (has(owner.resources, resource) || (resource.includes('/') && owner.resources?.includes(`*/${sub}`) === true))
    && (!owner.resourceNames?.length || (one.resourceNames?.[0] !== undefined && owner.resourceNames.includes(one.resourceNames[0])))
}

const uncovered = (rules: readonly Rule[], by: readonly Rule[]): readonly Rule[] => breakdown(rules).filter((one) => !by.some((o) => covers(o, one)))

const ruleText = (r: Rule): string => `{Verbs:[${(r.verbs ?? []).join(' ')}] APIGroups:[${(r.apiGroups ?? []).join(' ')}] Resources:[${(r.resources ?? []).join(' ')}] ResourceNames:[${(r.resourceNames ?? []).join(' ')}] NonResourceURLs:[${(r.nonResourceURLs ?? []).join(' ')}]}`
const subjectText = (s: Readonly<Record<string, string>>): string => `{Kind:${s['kind'] ?? ''} APIGroup:${s['apiGroup'] ?? ''} Name:${s['name'] ?? ''} Namespace:${s['namespace'] ?? ''}}`

type Operation = 'none' | 'create' | 'update' | 'recreate'

interface Outcome {
  readonly object: Thing
  readonly operation: Operation
  readonly added: readonly string[]
  readonly removed: readonly string[]
}

const merged = (a: Thing, b: Thing, key: 'labels' | 'annotations'): Readonly<Record<string, string>> => ({ ...mapAt(a, 'metadata', key), ...mapAt(b, 'metadata', key) })

/** Labels and annotations that are wanted are added; what is there stays. */
function withMeta(wanted: Thing, current: Thing): Thing {
  let out = current
  for (const key of ['labels', 'annotations'] as const) {
    const all = merged(wanted, current, key)
    if (!deepEqual(all, mapAt(current, 'metadata', key))) out = withField(out, ['metadata', key], all)
  }
  return out
}

function reconciledRole(wanted: Thing, current: Thing, removeExtra: boolean): Outcome {
  const [want, have] = [listAt<Rule>(wanted, 'rules'), listAt<Rule>(current, 'rules')]
  const missing = uncovered(want, have)
  const extra = uncovered(have, want)
  let object = withMeta(wanted, current)
  if (removeExtra && extra.length > 0) object = withField(object, ['rules'], want)
  else if (missing.length > 0) object = withField(object, ['rules'], [...have, ...missing])
  if (at(wanted, 'aggregationRule') !== undefined && !deepEqual(at(wanted, 'aggregationRule'), at(current, 'aggregationRule'))) object = withField(object, ['aggregationRule'], at(wanted, 'aggregationRule'))
  return { object, operation: object === current ? 'none' : 'update', added: missing.map(ruleText), removed: extra.map(ruleText) }
}

function reconciledBinding(wanted: Thing, current: Thing, removeExtra: boolean): Outcome {
  if (!deepEqual(at(wanted, 'roleRef'), at(current, 'roleRef'))) return { object: wanted, operation: 'recreate', added: [], removed: [] }
  const [want, have] = [listAt<Record<string, string>>(wanted, 'subjects'), listAt<Record<string, string>>(current, 'subjects')]
  const missing = want.filter((s) => !have.some((h) => deepEqual(h, s)))
  const extra = have.filter((h) => !want.some((s) => deepEqual(h, s)))
  let object = withMeta(wanted, current)
  if (missing.length > 0 || (removeExtra && extra.length > 0)) object = withField(object, ['subjects'], [...(removeExtra ? have.filter((h) => !extra.includes(h)) : have), ...missing])
  return { object, operation: object === current ? 'none' : 'update', added: missing.map(subjectText), removed: extra.map(subjectText) }
}

function reconcileOne(cmd: Invocation, { mapping, namespace, name, object }: Info, dryRun: boolean): Outcome {
  const { api, flags } = cmd
  const wanted = object as Thing
  const binding = mapping.kind.endsWith('Binding')
  const path = pathOf(mapping, namespace, name)
  const got = api.try({ verb: 'get', path })
  const must = (response: ReturnType<typeof api.try>): Thing => {
    if (response.code >= 300 || response.code === 0) throw new Fail([problemOf(response)])
    return response.body as Thing
  }
  const create = (): Thing => must(api.try({ verb: 'create', path: pathOf(mapping, namespace), body: wanted }))
  if (got.code === 404) {
    const added = binding ? listAt<Record<string, string>>(wanted, 'subjects').map(subjectText) : listAt<Rule>(wanted, 'rules').map(ruleText)
    return { object: dryRun ? wanted : create(), operation: 'create', added, removed: [] }
  }
  const current = must(got)
  const outcome = binding ? reconciledBinding(wanted, current, flags.bool('remove-extra-subjects')) : reconciledRole(wanted, current, flags.bool('remove-extra-permissions'))
  if (dryRun || outcome.operation === 'none' || mapAt(current, 'metadata', 'annotations')['rbac.authorization.kubernetes.io/autoupdate'] === 'false') return outcome
  if (outcome.operation === 'recreate') {
    must(api.try({ verb: 'delete', path, body: {} }))
    return { ...outcome, object: create() }
  }
  return { ...outcome, object: must(api.try({ verb: 'update', path, body: outcome.object })) }
}

/** `kubectl auth reconcile`. Upstream: kubectl/pkg/cmd/auth/reconcile.go, component-helpers/auth/rbac/reconciliation */
export const reconcile: Command = {
  name: 'reconcile',
  flags: [...printFlags, ...fileFlags, ...flagSpecs('dry-run:string[=unchanged]=none remove-extra-permissions remove-extra-subjects')],
  run(cmd) {
    const { flags, io, api, mapper, args } = cmd
    const files = requireFiles(flags)
    if (args.length > 0) throw fail('no arguments are allowed')
    const dryRun = dryRunOf(flags)
    if (dryRun === 'server') throw fail('--dry-run=server for command reconcile is not supported yet')
    const { infos, problems } = find({ files, recursive: flags.bool('recursive'), stdin: io.stdin, namespace: cmd.namespace, enforceNamespace: cmd.explicitNamespace }, api, mapper)
    throwAll(problems)
    for (const info of infos) {
      if (!['Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding'].includes(info.mapping.kind)) continue
      const { object, operation, added, removed } = reconcileOne(cmd, info, dryRun === 'client')
      printResult(object, 'reconciled', flags, io, dryRun)
      if (operation === 'none') continue
      const opted = mapAt(object, 'metadata', 'annotations')['rbac.authorization.kubernetes.io/autoupdate'] === 'false'
      io.err(`\treconciliation required ${operation}${opted ? ', but object opted out (rbac.authorization.kubernetes.io/autoupdate: false)' : ''}\n`)
      const binding = info.mapping.kind.endsWith('Binding')
      const list = (title: string, texts: readonly string[]): void => (texts.length > 0 ? io.err(`\t${title}:\n${texts.map((t) => `\t\t${t}\n`).join('')}`) : undefined)
      list(`missing ${binding ? 'subjects' : 'rules'} added`, added)
      if (flags.bool(binding ? 'remove-extra-subjects' : 'remove-extra-permissions')) list(`extra ${binding ? 'subjects' : 'rules'} removed`, removed)
    }
  },
}
