import { createTwoWayStrategicPatch, parseQuantity } from '../../apimachinery'
import { at, listAt, mapAt, withField, type Thing } from '../api'
import { find, type Info } from '../builder'
import { Fail, fail, problemOf, wordsOf, type Problem } from '../errors'
import { flagSpecs, type FlagSpec } from '../flags'
import { dryRunOf, printFlags, printResult } from '../print-flags'
import { recorded } from '../record'
import { pathOf } from '../rest-mapper'
import type { Command, Invocation } from '../verb'
import { fileFlags, schemaOf, filesOf } from './apply'
import { resourcesAndPairs } from './label'
import { throwAll } from './get'

const common: readonly FlagSpec[] = [...printFlags, ...fileFlags, ...flagSpecs('all dry-run:string[=unchanged]=none field-manager:string local record selector/l:string')]

type Container = Readonly<Record<string, unknown>> & { readonly name: string; readonly image?: string }

/** Where a kind keeps its pod spec; undefined when it has none. Upstream: polymorphichelpers/updatepodspecforobject.go */
function podSpecPath(kind: string): readonly string[] | undefined {
  if (kind === 'Pod') return ['spec']
  if (kind === 'CronJob') return ['spec', 'jobTemplate', 'spec', 'template', 'spec']
  return ['Deployment', 'DaemonSet', 'ReplicaSet', 'StatefulSet', 'Job', 'ReplicationController'].includes(kind) ? ['spec', 'template', 'spec'] : undefined
}

function select(cmd: Invocation, args: readonly string[]): readonly Info[] {
  const { flags, io, api, mapper } = cmd
  const { infos, problems } = find({ args, files: filesOf(flags), recursive: flags.bool('recursive'), stdin: io.stdin, namespace: cmd.namespace, enforceNamespace: cmd.explicitNamespace, selector: flags.string('selector'), all: flags.bool('all'), fetch: true }, api, mapper)
  throwAll(problems)
  return infos
}

/** Changes each object's pod spec and sends the difference. */
function updatePods(cmd: Invocation, infos: readonly Info[], word: string, update: (spec: Thing, info: Info) => Thing): void {
  const problems: Problem[] = []
  for (const info of infos) {
    const path = podSpecPath(info.mapping.kind)
    if (path === undefined) {
      problems.push({ text: `${info.mapping.resource}/${info.name} the object is not a pod or does not have a pod template: ${info.mapping.kind}` })
      continue
    }
    try {
      send(cmd, info, withField(info.object as Thing, path, update(at(info.object, ...path) as Thing, info)), word)
    } catch (thrown) {
      if (!(thrown instanceof Fail)) throw thrown
      problems.push(...thrown.problems)
    }
  }
  throwAll(problems)
}

function send(cmd: Invocation, info: Info, changed: Thing, word: string, silentWhenSame = true): void {
  const after = recorded(cmd, changed)
  const { flags, io, api } = cmd
  const dryRun = dryRunOf(flags)
  const schema = schemaOf(info.mapping)
  const patch = schema === undefined ? undefined : createTwoWayStrategicPatch(schema, info.object as unknown as Record<string, unknown>, after as unknown as Record<string, unknown>)
  if (patch?.error !== undefined) throw fail(patch.error)
  const body = patch?.value ?? {}
  if (dryRun === 'client' || flags.bool('local')) return printResult(after, word, flags, io, dryRun)
  if (silentWhenSame && Object.keys(body).length === 0) return
  const response = api.try({ verb: 'patch', path: pathOf(info.mapping, info.namespace, info.name), body, patchType: 'application/strategic-merge-patch+json', query: { fieldManager: flags.string('field-manager') || 'kubectl-set', ...(dryRun === 'server' ? { dryRun: 'All' } : {}) } })
  if (response.code !== 200) {
    const problem = problemOf(response)
    throw new Fail(['status' in problem && problem.status.reason === 'Invalid' ? problem : { text: `failed to patch ${word.replace(' updated', '')} update to pod template: ${wordsOf(problem)}` }])
  }
  printResult(response.body as Thing, word, flags, io, dryRun)
}

const matches = (pattern: string, name: string): boolean => new RegExp(`^${pattern.split('*').map((p) => p.replace(/[.+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`).test(name)

const image: Command = {
  name: 'image',
  short: 'Update the image of a pod template',
  usage: '(-f FILENAME | TYPE NAME) CONTAINER_NAME_1=CONTAINER_IMAGE_1 ... CONTAINER_NAME_N=CONTAINER_IMAGE_N [options]',
  flags: common,
  run(cmd) {
    const { resources, pairs } = resourcesAndPairs(cmd.args, 'image')
    if (resources.length === 0 && !cmd.flags.has('filename')) select(cmd, [])
    if (pairs.length === 0) throw fail('at least one image update is required')
    const wanted = pairs.map((p) => [p.slice(0, p.indexOf('=')), p.slice(p.indexOf('=') + 1)] as const)
    updatePods(cmd, select(cmd, resources), 'image updated', (spec) => {
      let next = spec
      for (const [name, value] of wanted) {
        const put = (list: readonly Container[]): readonly Container[] => list.map((c) => (matches(name, c.name) ? { ...c, image: value } : c))
        const found = [...listAt<Container>(spec, 'initContainers'), ...listAt<Container>(spec, 'containers')].some((c) => matches(name, c.name))
        if (!found) throw fail(`unable to find container named ${JSON.stringify(name)}`)
        next = withField(next, ['containers'], put(listAt<Container>(next, 'containers')))
        if (at(next, 'initContainers') !== undefined) next = withField(next, ['initContainers'], put(listAt<Container>(next, 'initContainers')))
      }
      return next
    })
  },
}

/** Containers that -c names; `*` is all. */
function chosen(cmd: Invocation, spec: Thing): readonly Container[] {
  const pattern = cmd.flags.string('containers') || '*'
  return listAt<Container>(spec, 'containers').filter((c) => matches(pattern, c.name))
}

const env: Command = {
  name: 'env',
  short: 'Update environment variables on a pod template',
  usage: 'RESOURCE/NAME KEY_1=VAL_1 ... KEY_N=VAL_N [options]',
  flags: [...common, ...flagSpecs('containers/c:string=* env/e:array from:string keys:list list overwrite=true prefix:string resolve')],
  run(cmd) {
    const { flags, api, mapper, io } = cmd
    const { resources, pairs } = resourcesAndPairs([...cmd.args, ...flags.list('env')], 'environment variable')
    if (resources.length === 0 && !flags.has('filename')) select(cmd, [])
    const remove = pairs.filter((p) => p.endsWith('-') && !p.includes('=')).map((p) => p.slice(0, -1))
    const set: Record<string, unknown>[] = pairs.filter((p) => p.includes('=')).map((p) => ({ name: p.slice(0, p.indexOf('=')), value: p.slice(p.indexOf('=') + 1) }))
    const from = flags.string('from')
    if (pairs.length === 0 && from === '' && !flags.bool('list')) throw fail('at least one environment variable must be provided')
    if (from !== '') {
      const [type = '', name = ''] = from.split('/')
      const mapping = mapper.must(type)
      const ref = mapping.kind === 'ConfigMap' ? 'configMapKeyRef' : mapping.kind === 'Secret' ? 'secretKeyRef' : undefined
      if (ref === undefined) throw fail(`unsupported resource specified in --from`)
      const data = api.get(pathOf(mapping, cmd.namespace, name))
      const keys = flags.list('keys')
      for (const key of Object.keys(mapAt(data, 'data')).sort()) {
        if (keys.length > 0 && !keys.includes(key)) continue
        set.push({ name: `${flags.string('prefix')}${key.toUpperCase().replaceAll(/[^A-Z0-9_]/g, '_')}`, valueFrom: { [ref]: { key, name } } })
      }
    }
    const infos = select(cmd, resources)
    if (flags.bool('list')) {
      for (const info of infos) for (const c of chosen(cmd, at(info.object, ...(podSpecPath(info.mapping.kind) ?? [])) as Thing)) {
        io.out(`# ${info.mapping.kind} ${info.name}, container ${c.name}\n`)
        for (const e of listAt<{ name: string; value?: string; valueFrom?: Record<string, { key?: string; name?: string; fieldPath?: string; resource?: string }> }>(c, 'env')) {
          const [kind, source] = Object.entries(e.valueFrom ?? {})[0] ?? []
          io.out(kind === undefined ? `${e.name}=${e.value ?? ''}\n` : kind === 'fieldRef' ? `# ${e.name} from field path ${source?.fieldPath ?? ''}\n` : `# ${e.name} from ${kind === 'secretKeyRef' ? 'secret' : 'configmap'} ${source?.name ?? ''}, key ${source?.key ?? ''}\n`)
        }
      }
      return
    }
    updatePods(cmd, infos, 'env updated', (spec) => {
      const names = new Set(chosen(cmd, spec).map((c) => c.name))
      return withField(spec, ['containers'], listAt<Container>(spec, 'containers').map((c) => {
        if (!names.has(c.name)) return c
        let vars = [...listAt<{ name: string }>(c, 'env')]
        for (const e of set) {
          const i = vars.findIndex((v) => v.name === e['name'])
          if (i < 0) vars.push(e as { name: string })
          else vars = vars.with(i, e as { name: string })
        }
        vars = vars.filter((v) => !remove.includes(v.name))
        return withField(c, ['env'], vars.length === 0 ? undefined : vars)
      }))
    })
  },
}

const resources: Command = {
  name: 'resources',
  short: 'Update resource requests/limits on objects with pod templates',
  usage: '(-f FILENAME | TYPE NAME)  ([--limits=LIMITS & --requests=REQUESTS] [options]',
  flags: [...common, ...flagSpecs('containers/c:string=* limits:string requests:string')],
  run(cmd) {
    const { flags } = cmd
    const parse = (text: string): Record<string, string> => Object.fromEntries(text.split(',').filter(Boolean).map((pair) => {
      const [k = '', v, extra] = pair.split('=')
      if (v === undefined || extra !== undefined) throw fail(`invalid argument syntax ${pair}, expected <resource>=<value>`)
      if (typeof parseQuantity(v) === 'string') throw fail(parseQuantity(v) as string)
      return [k, v]
    }))
    const args = cmd.args
    if (flags.string('limits') === '' && flags.string('requests') === '') throw fail('you must specify an update to requests or limits (in the form of --requests/--limits)')
    const limits = parse(flags.string('limits'))
    const requests = parse(flags.string('requests'))
    updatePods(cmd, select(cmd, args), 'resource requirements updated', (spec) => {
      const names = new Set(chosen(cmd, spec).map((c) => c.name))
      if (names.size === 0) throw fail(`unable to find container named ${flags.string('containers')}`)
      const merge = (c: Container, key: string, more: Record<string, string>): Container => (Object.keys(more).length === 0 ? c : withField(c, ['resources', key], { ...mapAt(c, 'resources', key), ...more }))
      return withField(spec, ['containers'], listAt<Container>(spec, 'containers').map((c) => (names.has(c.name) ? merge(merge(c, 'limits', limits), 'requests', requests) : c)))
    })
  },
}

const serviceAccount: Command = {
  name: 'serviceaccount',
  aliases: ['sa'],
  short: 'Update the service account of a resource',
  usage: '(-f FILENAME | TYPE NAME) SERVICE_ACCOUNT [options]',
  flags: common,
  run(cmd) {
    const name = cmd.args.at(-1)
    if (name === undefined || (cmd.args.length === 1 && !cmd.flags.has('filename'))) throw fail('serviceaccount is required')
    updatePods(cmd, select(cmd, cmd.args.slice(0, -1)), 'serviceaccount updated', (spec) => withField(withField(spec, ['serviceAccountName'], name), ['serviceAccount'], name))
  },
}

const selector: Command = {
  name: 'selector',
  short: 'Set the selector on a resource',
  usage: '(-f FILENAME | TYPE NAME) EXPRESSIONS [--resource-version=version] [options]',
  flags: [...common, ...flagSpecs('resource-version:string')],
  run(cmd) {
    const { resources: args, pairs } = resourcesAndPairs(cmd.args, 'selector')
    if (pairs.length === 0) throw fail('one selector is required')
    const wanted = Object.fromEntries(pairs.flatMap((p) => p.split(',')).map((p) => [p.slice(0, p.indexOf('=')), p.slice(p.indexOf('=') + 1)]))
    for (const info of select(cmd, args)) {
      if (info.mapping.kind !== 'Service') throw fail(`setting a selector is only supported for Services`)
      send(cmd, info, withField(info.object as Thing, ['spec', 'selector'], wanted), 'selector updated', false)
    }
  },
}

const subject: Command = {
  name: 'subject',
  short: 'Update the user, group, or service account in a role binding or cluster role binding',
  usage: '(-f FILENAME | TYPE NAME) [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none] [options]',
  flags: [...common, ...flagSpecs('group:array serviceaccount:array user:array')],
  run(cmd) {
    const { flags } = cmd
    const added = [
      ...flags.list('user').map((name) => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name })), ...flags.list('group').map((name) => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name })),
      ...flags.list('serviceaccount').map((text) => ({ kind: 'ServiceAccount', namespace: text.split(':')[0], name: text.split(':')[1] })),
    ]
    if (added.length === 0) throw fail('you must specify at least one value of user, group or serviceaccount')
    for (const info of select(cmd, cmd.args)) send(cmd, info, withField(info.object as Thing, ['subjects'], [...listAt(info.object, 'subjects'), ...added]), 'subjects updated', false)
  },
}

/** `kubectl set`. Upstream: kubectl/pkg/cmd/set */
export const set: Command = {
  name: 'set',
  short: 'Set specific features on objects',
  long: 'Configure application resources.\n\n These commands help you make changes to existing application resources.',
  usage: 'SUBCOMMAND [options]',
  flags: [],
  commands: [env, image, resources, selector, serviceAccount, subject],
}
