import type { Thing } from '../api'
import { find, targets, type Info } from '../builder'
import { fail, type Problem } from '../errors'
import { flagSpecs } from '../flags'
import { describerOf } from '../describe'
import { Writer } from '../describe/writer'
import { tabwrite } from '../tabwriter'
import type { Command, Invocation } from '../verb'
import { fileFlags, filesOf } from './apply'
import { nothingFound, throwAll } from './get'

/** `kubectl describe`. Upstream: kubectl/pkg/cmd/describe/describe.go */
export const describe: Command = {
  name: 'describe',
  complete: 'type/name',
  flags: [...fileFlags, ...flagSpecs('all-namespaces/A chunk-size:int=500 selector/l:string show-events=true')],
  run(cmd) {
    const { flags, io, api, mapper, args } = cmd
    const all = flags.bool('all-namespaces')
    if (args.length === 0 && !flags.has('filename')) throw fail('You must specify the type of resource to describe. Use "kubectl api-resources" for a complete list of supported resources.')
    const { infos, problems } = find({
      args, files: filesOf(flags), recursive: flags.bool('recursive'), stdin: io.stdin, namespace: cmd.namespace, enforceNamespace: cmd.explicitNamespace, selector: flags.string('selector'),
      allNamespaces: all, typesMeanAll: true, fetch: true,
    }, api, mapper)
    let found: readonly Info[] = infos
    let errors: readonly Problem[] = problems
    if (infos.length === 0 && problems.length > 0 && problems.every((p) => 'status' in p && p.status.reason === 'NotFound') && args.length === 2) {
      const byPrefix = prefixed(cmd)
      if (byPrefix.length > 0) [found, errors] = [byPrefix, []]
    }
    for (const [i, info] of found.entries()) {
      if (i > 0) io.out('\n\n')
      io.out(describeOne(cmd, info))
    }
    throwAll(errors)
    if (found.length === 0 && problems.length === 0) io.err(nothingFound(!all && targets(args, mapper).every((t) => t.mapping.namespaced), cmd.namespace))
  },
}

/** A name that is not there may be the beginning of others. Upstream: DescribeMatchingResources */
function prefixed({ args, api, mapper, namespace }: Invocation): readonly Info[] {
  const mapping = mapper.find(args[0] as string)
  if (mapping === undefined) return []
  const { infos } = find({ args: [args[0] as string], namespace, typesMeanAll: true }, api, mapper)
  return infos.filter((i) => i.name.startsWith(args[1] as string))
}

function describeOne({ io, api, flags }: Invocation, info: Info): string {
  const object = info.object as Thing
  const w = new Writer(io.now())
  const events = (): readonly Thing[] | undefined => {
    if (!flags.bool('show-events')) return undefined
    const { kind, metadata } = object
    // Events of a static pod are about the pod that its kubelet read, not about its mirror.
    const uid = metadata.annotations?.['kubernetes.io/config.mirror'] ?? metadata.uid ?? ''
    const path = info.mapping.namespaced ? `/api/v1/namespaces/${metadata.namespace}/events` : '/api/v1/events'
    const about = (id: string): readonly Thing[] => {
      const selector = { name: metadata.name, ...(info.mapping.namespaced ? { namespace: metadata.namespace } : {}), ...(kind === 'Pod' ? {} : { kind }), uid: id }
      return api.listOrNone(path, { fieldSelector: Object.entries(selector).map(([k, v]) => `involvedObject.${k}=${v}`).join(','), limit: '500' })
    }
    // Controllers know a node by its uid, its kubelet by its name.
    return kind === 'Node' && !info.mapping.custom ? [...about(uid), ...about(metadata.name)] : about(uid)
  }
  describerOf(info.mapping)({ w, api, object, info, events })
  return tabwrite(w.text, 0, 2)
}

