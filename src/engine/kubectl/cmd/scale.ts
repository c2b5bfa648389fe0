import { at, type Thing } from '../api'
import { find } from '../builder'
import { fail, problemOf, type Problem } from '../errors'
import { flagSpecs } from '../flags'
import { dryRunOf, printFlags, printResult } from '../print-flags'
import { recorded } from '../record'
import { apiVersionOf, pathOf } from '../rest-mapper'
import type { Command } from '../verb'
import { fileFlags, filesOf } from './apply'
import { throwAll } from './get'

/** `kubectl scale`. Upstream: kubectl/pkg/cmd/scale/scale.go, kubectl/pkg/scale */
export const scale: Command = {
  name: 'scale',
  complete: 'type/name',
  flags: [...printFlags, ...fileFlags, ...flagSpecs('all current-replicas:int=-1 dry-run:string[=unchanged]=none record replicas:int=0 resource-version:string selector/l:string timeout:duration')],
  required: ['replicas'],
  run(cmd) {
    const { flags, io, api, mapper, args } = cmd
    const replicas = flags.int('replicas')
    if (replicas < 0) throw fail('The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0')
    const dryRun = dryRunOf(flags)
    const expected = flags.int('current-replicas')
    const version = flags.string('resource-version')
    const query = { args, files: filesOf(flags), recursive: flags.bool('recursive'), stdin: io.stdin, namespace: cmd.namespace, enforceNamespace: cmd.explicitNamespace, selector: flags.string('selector'), all: flags.bool('all') }
    const { infos, problems: bad } = find(query, api, mapper)
    const problems: Problem[] = [...bad]
    if (infos.length === 0 && bad.length === 0) throw fail('no objects passed to scale')
    for (const { mapping, namespace, name } of infos) {
      const path = pathOf(mapping, namespace, name, 'scale')
      const named = { apiVersion: apiVersionOf(mapping), kind: mapping.kind, metadata: { name, namespace } } as Thing
      if (dryRun === 'client') {
        printResult(named, 'scaled', flags, io, dryRun)
        continue
      }
      let response
      if (expected >= 0 || version !== '') {
        response = api.try({ verb: 'get', path })
        if (response.code === 200) {
          const now = at<number>(response.body, 'spec', 'replicas') ?? 0
          if (expected >= 0 && now !== expected) {
            problems.push({ text: `Expected replicas to be ${expected}, was ${now}` })
            continue
          }
          if (version !== '' && response.body.metadata.resourceVersion !== version) {
            problems.push({ text: `Expected resource version to be ${version}, was ${response.body.metadata.resourceVersion ?? ''}` })
            continue
          }
          response = api.try({ verb: 'update', path, query: dryRun === 'server' ? { dryRun: 'All' } : {}, body: { ...response.body, spec: { replicas } } })
        }
      } else {
        response = api.try({ verb: 'patch', path, query: { fieldManager: 'kubectl', ...(dryRun === 'server' ? { dryRun: 'All' } : {}) }, patchType: 'application/merge-patch+json', body: { spec: { replicas } } })
      }
      if (response.code === 200 && flags.bool('record')) api.must({ verb: 'patch', path: pathOf(mapping, namespace, name), patchType: 'application/merge-patch+json', body: { metadata: { annotations: recorded(cmd, named).metadata.annotations } } })
      if (response.code !== 200) {
        // Upstream has read the object before; here it is only read when it may be missing.
        const object = response.code === 404 ? api.try({ verb: 'get', path: pathOf(mapping, namespace, name) }) : undefined
        problems.push(object !== undefined && object.code !== 200 ? problemOf(object) : noScale(problemOf(response)))
      }
      else printResult(named, 'scaled', flags, io, dryRun)
    }
    throwAll(problems)
  },
}

/** A kind without scale has no such path: the server's plain 404. */
function noScale(problem: Problem): Problem {
  if (!('status' in problem) || problem.status.code !== 404 || problem.status.details?.name !== undefined) return problem
  return { status: { ...problem.status, reason: 'NotFound', message: 'the server could not find the requested resource' } }
}

