import { envVarNameErrors, goQuote } from '../../apimachinery'
import { at, listAt, type Thing } from '../api'
import { Fail, fail, problemOf } from '../errors'
import { flagSpecs } from '../flags'
import { imageShape } from '../image-name'
import { dryRunOf, printFlags, printResult } from '../print-flags'
import { session } from './debug'
import type { Command, Invocation } from '../verb'
import { annotated } from './apply'
import { parsePairs } from './label'
import { overridden, overrideFlags, parseLabels } from './overrides'

/** `kubectl run`. Upstream: kubectl/pkg/cmd/run/run.go */
export const run: Command = {
  name: 'run',
  flags: [
    ...printFlags,
    ...overrideFlags,
    ...flagSpecs(`annotations:array attach cascade:string[=background]=background command detach-keys:string=ctrl-p,ctrl-q dry-run:string[=unchanged]=none env:array expose field-manager:string filename/f:list force grace-period:int=-1 image:string
      image-pull-policy:string kustomize/k:string labels/l:string leave-stdin-open pod-running-timeout:duration=1m0s port:string privileged quiet/q
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
    const dryRun = dryRunOf(flags)
    const expose = flags.bool('expose')
    const stdin = flags.bool('stdin')
    const attached = flags.has('attach') ? flags.bool('attach') : stdin
    const pullPolicy = flags.string('image-pull-policy')
    if (flags.bool('tty') && !stdin) throw cmd.usage('-i/--stdin is required for containers with -t/--tty=true')
    if (expose && flags.string('port') === '') throw cmd.usage('--port must be set when exposing a service')
    if (!['', 'Always', 'OnFailure', 'Never'].includes(restart)) throw cmd.usage(`invalid restart policy: ${restart}`)
    if (flags.bool('rm') && !attached) throw cmd.usage('--rm should only be used for attached containers')
    if (attached && dryRun !== 'none') throw cmd.usage("--dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)")
    if (!['', 'Always', 'IfNotPresent', 'Never'].includes(pullPolicy)) throw cmd.usage(`invalid image pull policy: ${pullPolicy}`)
    const name = args[0] as string
    const rest = args.slice(1)
    const env = flags.list('env').map((e) => {
      const eq = e.indexOf('=')
      if (eq < 1 || envVarNameErrors(e.slice(0, eq)).length > 0) throw fail(`invalid env: ${e}`)
      return { name: e.slice(0, eq), value: e.slice(eq + 1) }
    })
    const own = flags.string('labels') === '' ? undefined : parseLabels(flags.string('labels'))
    const labels = own ?? { run: name }
    const port = flags.string('port')
    if (port !== '' && !/^[-+]?\d+$/.test(port)) throw fail(`strconv.Atoi: parsing ${goQuote(port)}: invalid syntax`)
    const namespace = cmd.explicitNamespace ? { namespace: cmd.namespace } : {}
    const annotations = Object.fromEntries(parsePairs(flags.list('annotations'), 'annotations', false).set)
    const pod = overridden(flags, {
      apiVersion: 'v1', kind: 'Pod', metadata: { ...(Object.keys(annotations).length > 0 ? { annotations } : {}), labels, name, ...namespace },
      spec: {
        containers: [{
          ...(rest.length > 0 ? { [flags.bool('command') ? 'command' : 'args']: rest } : {}), ...(env.length > 0 ? { env } : {}), image,
          ...(pullPolicy === '' ? {} : { imagePullPolicy: pullPolicy }), name, ...(port === '' ? {} : { ports: [{ containerPort: Number(port) }] }), resources: {},
          ...(flags.bool('privileged') ? { securityContext: { privileged: true } } : {}), ...(stdin ? { stdin: true, stdinOnce: !flags.bool('leave-stdin-open') } : {}), ...(flags.bool('tty') ? { tty: true } : {}),
        }],
        dnsPolicy: 'ClusterFirst', restartPolicy: restart || 'Always',
      },
      status: {},
    } as unknown as Thing)
    const create = (object: Thing): Thing => {
      if (dryRun === 'client') return object
      const path = `/api/v1/namespaces/${cmd.namespace}/${object.kind === 'Pod' ? 'pods' : 'services'}`
      const response = api.try({ verb: 'create', path, query: { fieldManager: flags.string('field-manager') || 'kubectl-run', ...(dryRun === 'server' ? { dryRun: 'All' } : {}) }, body: flags.bool('save-config') ? annotated(object) : object })
      if (response.code !== 201) throw new Fail([problemOf(response)])
      return response.body as Thing
    }
    const created = create(pod)
    let bad: Fail | undefined
    if (expose) {
      try {
        printResult(create({
          apiVersion: 'v1', kind: 'Service', metadata: { ...(own === undefined ? {} : { labels: own }), name, ...namespace },
          spec: { ports: [{ port: Number(port), protocol: 'TCP', targetPort: Number(port) }], selector: labels }, status: { loadBalancer: {} },
        } as unknown as Thing), 'created', flags, io, dryRun)
        if (flags.string('output') === 'yaml') io.out('---\n---\n')
      } catch (thrown) {
        if (!(thrown instanceof Fail)) throw thrown
        bad = thrown
      }
    }
    // Upstream says nothing of a pod that it attaches to.
    if (!attached) printResult(created, 'created', flags, io, dryRun)
    if (bad !== undefined) throw bad
    if (!attached) return 0
    let code = 0
    let failure: Fail | undefined
    try {
      session(cmd, created, name)
      code = flags.bool('leave-stdin-open') || created.spec?.['restartPolicy'] === 'Always' ? 0 : exitCode(cmd, created)
    } catch (thrown) {
      if (!(thrown instanceof Fail)) throw thrown
      failure = thrown
    }
    if (flags.bool('rm')) {
      api.try({ verb: 'delete', path: `/api/v1/namespaces/${cmd.namespace}/pods/${name}`, body: { propagationPolicy: 'Background', ...(flags.int('grace-period') >= 0 ? { gracePeriodSeconds: flags.int('grace-period') } : {}) } })
      if (!flags.bool('quiet')) io.out(`pod "${name}" deleted from ${cmd.namespace} namespace\n`)
    }
    if (failure !== undefined) throw failure
    return code
  },
}


/** How the pod ended. Upstream: run.go Run, podCompleted, podSucceeded */
function exitCode({ api, flags }: Invocation, { metadata: { name, namespace }, spec }: Thing): number {
  const ended = api.until(`/api/v1/namespaces/${namespace}/pods`, name, flags.duration('pod-running-timeout'), (o) => {
    const phase = o?.status?.['phase']
    return o === undefined ? ('gone' as const) : phase === 'Succeeded' || (phase === 'Failed' && spec?.['restartPolicy'] === 'Never') ? o : undefined
  })
  if (ended === undefined) throw fail('timed out waiting for the condition')
  if (ended === 'gone') throw new Fail([{ status: { reason: 'NotFound', message: 'pods "" not found' } as never }])
  if (ended.status?.['phase'] === 'Succeeded') return 0
  const terminated = at<{ exitCode?: number; reason?: string; message?: string }>(listAt(ended, 'status', 'containerStatuses')[0], 'state', 'terminated')
  if (!terminated?.exitCode) throw fail(`pod ${namespace}/${name} failed with unknown exit code`)
  throw new Fail([{ text: `pod ${namespace}/${name} terminated (${terminated.reason ?? ''})\n${terminated.message ?? ''}`, bare: true }], terminated.exitCode)
}
