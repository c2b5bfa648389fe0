import { goQuote } from '../../apimachinery'
import type { Thing } from '../api'
import { Fail, fail, problemOf } from '../errors'
import { flagSpecs } from '../flags'
import { dryRunOf, printFlags, printResult } from '../print-flags'
import { session } from './debug'
import type { Command } from '../verb'
import { annotated } from './apply'

/** An image name that the reference grammar allows. Upstream: distribution/reference ReferenceRegexp */
const imageShape = /^([a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*(?::\d+)?\/)?[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*(?::\w[\w.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$/

/** `a=b` pairs, as labels and annotations are typed. Upstream: kubectl/pkg/generate ParseLabels */
export function parseLabels(text: string): Record<string, string> {
  return Object.fromEntries(text.split(',').map((spec) => {
    const [k = '', v, extra] = spec.split('=')
    if (v === undefined || extra !== undefined) throw fail(`unexpected label spec: ${spec}`)
    if (k === '') throw fail(`unexpected empty label key`)
    return [k, v]
  }))
}

/** `kubectl run`. Upstream: kubectl/pkg/cmd/run/run.go */
export const run: Command = {
  name: 'run',
  flags: [
    ...printFlags,
    ...flagSpecs(`annotations:array attach cascade:string[=background]=background command detach-keys:string=ctrl-p,ctrl-q dry-run:string[=unchanged]=none env:array expose field-manager:string filename/f:list force grace-period:int=-1 image:string
      image-pull-policy:string kustomize/k:string labels/l:string leave-stdin-open override-type:string=merge overrides:string pod-running-timeout:duration=1m0s port:string privileged quiet/q
      recursive/R restart:string=Always rm save-config stdin/i timeout:duration tty/t wait`),
  ],
  required: ['image'],
  run(cmd) {
    const { flags, io, api, args } = cmd
    const dash = flags.dash >= 0 ? flags.dash : args.length
    const image = flags.string('image')
    if (args.length === 0 || dash === 0) throw cmd.usage('NAME is required for run')
    if (image === '') throw fail('--image is required')
    if (!imageShape.test(image)) throw fail(`Invalid image name ${goQuote(image)}: invalid reference format`)
    const restart = flags.string('restart')
    if (!['', 'Always', 'OnFailure', 'Never'].includes(restart)) throw cmd.usage(`invalid restart policy: ${restart}`)
    if (flags.bool('tty') && !flags.bool('stdin')) throw fail('-i/--stdin is required for containers with -t/--tty=true')
    if (flags.bool('rm') && !flags.bool('attach') && !flags.bool('stdin')) throw fail('--rm should only be used for attached containers')
    const dryRun = dryRunOf(flags)
    const expose = flags.bool('expose')
    if (expose && flags.string('port') === '') throw fail('--port must be set when exposing a service')
    const name = args[0] as string
    const labels = flags.string('labels') === '' ? { run: name } : parseLabels(flags.string('labels'))
    const rest = args.slice(1)
    const env = flags.list('env').map((e) => {
      const eq = e.indexOf('=')
      if (eq < 1) throw fail(`invalid env: ${e}`)
      return { name: e.slice(0, eq), value: e.slice(eq + 1) }
    })
    const port = flags.string('port')
    if (port !== '' && !/^[-+]?\d+$/.test(port)) throw fail(`strconv.Atoi: parsing ${goQuote(port)}: invalid syntax`)
    const namespace = cmd.explicitNamespace ? { namespace: cmd.namespace } : {}
    const annotations = Object.fromEntries(flags.list('annotations').map((a) => [a.slice(0, a.indexOf('=')), a.slice(a.indexOf('=') + 1)]))
    const stdin = flags.bool('stdin')
    const attached = flags.has('attach') ? flags.bool('attach') : stdin
    const pod = overridden(flags.string('overrides'), {
      apiVersion: 'v1', kind: 'Pod', metadata: { ...(Object.keys(annotations).length > 0 ? { annotations } : {}), labels, name, ...namespace },
      spec: {
        containers: [{
          ...(rest.length > 0 ? { [flags.bool('command') ? 'command' : 'args']: rest } : {}), ...(env.length > 0 ? { env } : {}), image,
          ...(flags.string('image-pull-policy') === '' ? {} : { imagePullPolicy: flags.string('image-pull-policy') }), name, ...(port === '' ? {} : { ports: [{ containerPort: Number(port) }] }), resources: {},
          ...(flags.bool('privileged') ? { securityContext: { privileged: true } } : {}), ...(stdin ? { stdin: true, stdinOnce: !flags.bool('leave-stdin-open') } : {}), ...(flags.bool('tty') ? { tty: true } : {}),
        }],
        dnsPolicy: 'ClusterFirst', restartPolicy: restart || 'Always',
      },
      status: {},
    })
    const objects: Thing[] = [pod]
    if (expose) {
      objects.unshift({
        apiVersion: 'v1', kind: 'Service', metadata: { name, ...namespace },
        spec: { ports: [{ port: Number(port), protocol: 'TCP', targetPort: Number(port) }], selector: labels }, status: { loadBalancer: {} },
      } as unknown as Thing)
    }
    const results = objects.map((object) => {
      const body = flags.bool('save-config') ? annotated(object) : object
      if (dryRun === 'client') return body
      const path = `/api/v1/namespaces/${cmd.namespace}/${body.kind === 'Pod' ? 'pods' : 'services'}`
      const response = api.try({ verb: 'create', path, query: { fieldManager: flags.string('field-manager') || 'kubectl-run', ...(dryRun === 'server' ? { dryRun: 'All' } : {}) }, body })
      if (response.code !== 201) throw new Fail([problemOf(response)])
      return response.body as Thing
    })
    for (const [i, object] of results.entries()) {
      if (i > 0 && flags.string('output') === 'yaml') io.out('---\n---\n')
      // Upstream says nothing of a pod that it attaches to.
      if (!attached || dryRun !== 'none' || flags.string('output') !== '') printResult(object, 'created', flags, io, dryRun)
    }
    if (!attached || dryRun !== 'none') return 0
    let code = 0
    let failure: Fail | undefined
    try {
      code = session(cmd, results.at(-1) as Thing, name)
    } catch (thrown) {
      if (!(thrown instanceof Fail)) throw thrown
      failure = thrown
    }
    if (flags.bool('rm')) {
      api.must({ verb: 'delete', path: `/api/v1/namespaces/${cmd.namespace}/pods/${name}`, body: { propagationPolicy: 'Background', ...(flags.int('grace-period') >= 0 ? { gracePeriodSeconds: flags.int('grace-period') } : {}) } })
      io.out(`pod "${name}" deleted from ${cmd.namespace} namespace\n`)
    }
    if (failure !== undefined) throw failure
    return code
  },
}

function overridden(text: string, object: Record<string, unknown>): Thing {
  if (text === '') return object as unknown as Thing
  try {
    return deepMerge(object, JSON.parse(text)) as Thing
  } catch {
    throw fail(`invalid overrides: the JSON could not be read: ${text}`)
  }
}

function deepMerge(a: unknown, b: unknown): unknown {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || Array.isArray(a) || Array.isArray(b)) return b
  const out: Record<string, unknown> = { ...(a as Record<string, unknown>) }
  for (const [k, v] of Object.entries(b)) {
    if (v === null) delete out[k]
    else out[k] = deepMerge(out[k], v)
  }
  return out
}
