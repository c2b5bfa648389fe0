import type { ApiResponse } from '../../client-go'
import { at, withField, type Thing } from '../api'
import { find } from '../builder'
import { Fail, fail, problemOf, type Problem } from '../errors'
import { flagSpecs } from '../flags'
import { dryRunOf, printFlags, printResult } from '../print-flags'
import { recorded } from '../record'
import { pathOf } from '../rest-mapper'
import type { Command, Invocation } from '../verb'
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
    const expected = flags.int('current-replicas')
    if (expected < -1) throw fail('The --current-replicas must specify an integer of -1 or greater')
    const dryRun = dryRunOf(flags)
    const version = flags.string('resource-version')
    const query = { args, files: filesOf(flags), recursive: flags.bool('recursive'), stdin: io.stdin, namespace: cmd.namespace, enforceNamespace: cmd.explicitNamespace, selector: flags.string('selector'), all: flags.bool('all'), fetch: true }
    const { infos, problems: bad } = find(query, api, mapper)
    if (version !== '' && infos.length > 1) throw fail('cannot use --resource-version with multiple resources')
    if (infos.length === 0) {
      throwAll(bad)
      throw fail('no objects passed to scale')
    }
    for (const { mapping, namespace, name, object } of infos) {
      const path = pathOf(mapping, namespace, name, 'scale')
      let size = replicas
      if (dryRun !== 'client') {
        let precondition: Thing | undefined
        if (expected >= 0 || version !== '') {
          precondition = scaleOf(api.try({ verb: 'get', path }))
          const now = at<number>(precondition, 'spec', 'replicas') ?? 0
          if (expected >= 0 && now !== expected) throw fail(`Expected replicas to be ${expected}, was ${now}`)
          const have = precondition.metadata.resourceVersion ?? ''
          if (version !== '' && have !== version) throw fail(`Expected resource version to be ${version}, was ${have}`)
        }
        const server = dryRun === 'server' ? { dryRun: 'All' } : undefined
        const made = scaleOf(precondition === undefined ? api.try({ verb: 'patch', path, ...(server ? { query: server } : {}), patchType: 'application/merge-patch+json', body: { spec: { replicas } } })
          : api.try({ verb: 'update', path, ...(server ? { query: server } : {}), body: { ...precondition, spec: { replicas } } as unknown as Thing }))
        size = at<number>(made, 'spec', 'replicas') ?? 0
        if (flags.duration('timeout') !== 0 && dryRun === 'none') waitForSize(cmd, path, replicas, mapping.resource)
      }
      const shown = withField(object as Thing, ['spec', 'replicas'], size)
      if (flags.bool('record') && dryRun === 'none') api.try({ verb: 'patch', path: pathOf(mapping, namespace, name), patchType: 'application/merge-patch+json', body: { metadata: { annotations: recorded(cmd, { metadata: {} } as Thing).metadata.annotations } } })
      printResult(shown, 'scaled', flags, io, dryRun)
    }
    throwAll(bad)
  },
}

/** Upstream: kubectl/pkg/scale WaitForScaleHasDesiredReplicas */
function waitForSize({ api, io, flags }: Invocation, path: string, replicas: number, resource: string): void {
  const deadline = io.now() + flags.duration('timeout')
  for (;;) {
    const now = scaleOf(api.try({ verb: 'get', path }))
    if (at(now, 'spec', 'replicas') !== replicas || (at<number>(now, 'status', 'replicas') ?? 0) === replicas) return
    if (io.now() + 1_000_000 > deadline) throw fail(`timed out waiting for ${JSON.stringify(resource)} to be synced`)
    io.sleep(1_000_000)
  }
}

function scaleOf(response: ApiResponse): Thing {
  if (response.code !== 200) throw new Fail([noScale(problemOf(response))])
  return response.body as Thing
}

/** A kind without scale has no such path: the server's plain 404. */
function noScale(problem: Problem): Problem {
  if (!('status' in problem) || problem.status.code !== 404 || problem.status.details?.name !== undefined) return problem
  return { status: { ...problem.status, reason: 'NotFound', message: 'the server could not find the requested resource' } }
}

