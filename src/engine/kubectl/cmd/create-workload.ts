import { at, type Thing } from '../api'
import { find, type Info } from '../builder'
import { fail } from '../errors'
import { flagSpecs } from '../flags'
import { afterDash, createGenerated, generatedMeta, generatorFlags, oneName } from '../generated'
import type { Command, Invocation } from '../verb'
import { throwAll } from './get'

/** The container's name that an image suggests: `registry.io/team/app:v1` → `app`. Upstream: create_deployment.go buildPodSpec */
export function containerNameOf(image: string): string {
  const last = image.slice(image.lastIndexOf('/') + 1)
  return last.replace(/[:@].*$/, '').replaceAll(/[^a-zA-Z0-9-]/g, '-')
}

const deployment: Command = {
  name: 'deployment',
  aliases: ['deploy'],
  flags: [...generatorFlags, ...flagSpecs('image:list port:int32=-1 replicas/r:int32=1')],
  required: ['image'],
  run(cmd) {
    const name = oneName(cmd)
    const { flags } = cmd
    const images = flags.list('image')
    const command = afterDash(cmd)
    if (images.length > 1 && command.length > 0) throw fail('cannot specify multiple --image options and command')
    if (flags.int('replicas') < 0) throw fail('--replicas must be zero or greater')
    const port = flags.int('port')
    const labels = { app: name }
    createGenerated(cmd, {
      apiVersion: 'apps/v1', kind: 'Deployment', metadata: { labels, ...generatedMeta(cmd, name) },
      spec: {
        replicas: flags.int('replicas'), selector: { matchLabels: labels }, strategy: {},
        template: {
          metadata: { labels },
          spec: { containers: images.map((image) => ({ image, name: containerNameOf(image), ...(command.length > 0 ? { command } : {}), ...(port > 0 ? { ports: [{ containerPort: port }] } : {}), resources: {} })) },
        },
      },
      status: {},
    }, 'failed to create deployment:')
  },
}

const container = (name: string, image: string, command: readonly string[]): Record<string, unknown> => ({ ...(command.length > 0 ? { command } : {}), image, name, resources: {} })

const job: Command = {
  name: 'job',
  flags: [...generatorFlags, ...flagSpecs('image:string from:string')],
  run(cmd) {
    const name = oneName(cmd)
    const image = cmd.flags.string('image')
    const from = cmd.flags.string('from')
    const command = afterDash(cmd)
    if ((image === '') === (from === '')) throw fail('either --image or --from must be specified')
    if (command.length > 0 && from !== '') throw fail('cannot specify --from and command')
    const spec = from === '' ? { template: { metadata: {}, spec: { containers: [container(name, image, command)], restartPolicy: 'Never' } } } : undefined
    if (spec !== undefined) return createGenerated(cmd, { apiVersion: 'batch/v1', kind: 'Job', metadata: generatedMeta(cmd, name), spec, status: {} }, 'failed to create job:')
    const cron = cronJob(cmd, from)
    const template = at<Thing>(cron, 'spec', 'jobTemplate')
    return createGenerated(cmd, {
      apiVersion: 'batch/v1', kind: 'Job',
      metadata: {
        annotations: { 'cronjob.kubernetes.io/instantiate': 'manual', ...template?.metadata?.annotations }, ...(template?.metadata?.labels === undefined ? {} : { labels: template.metadata.labels }),
        ...generatedMeta(cmd, name), ownerReferences: [{ apiVersion: 'batch/v1', kind: 'CronJob', name: cron.metadata.name, uid: cron.metadata.uid, controller: true }],
      },
      spec: template?.spec ?? {}, status: {},
    }, 'failed to create job:')
  },
}

function cronJob(cmd: Invocation, from: string): Thing {
  const { infos, problems } = find({ args: [from], namespace: cmd.namespace, fetch: true }, cmd.api, cmd.mapper)
  throwAll(problems)
  if (infos.length !== 1) throw fail('from must be an existing cronjob')
  const { mapping, object } = infos[0] as Info
  if (mapping.kind !== 'CronJob') throw fail(`unknown object type *${mapping.version}.${mapping.kind}`)
  return object as Thing
}

const cronjob: Command = {
  name: 'cronjob',
  aliases: ['cj'],
  flags: [...generatorFlags, ...flagSpecs('image:string schedule:string restart:string')],
  required: ['image', 'schedule'],
  run(cmd) {
    const name = oneName(cmd)
    const { flags } = cmd
    const command = afterDash(cmd)
    const pod = { containers: [container(name, flags.string('image'), command)], restartPolicy: flags.string('restart') || 'OnFailure' }
    createGenerated(cmd, {
      apiVersion: 'batch/v1', kind: 'CronJob', metadata: generatedMeta(cmd, name),
      spec: { jobTemplate: { metadata: { name }, spec: { template: { metadata: {}, spec: pod } } }, schedule: flags.string('schedule') }, status: {},
    }, 'failed to create cronjob:')
  },
}

const podDisruptionBudget: Command = {
  name: 'poddisruptionbudget',
  aliases: ['pdb'],
  flags: [...generatorFlags, ...flagSpecs('max-unavailable:string min-available:string selector:string')],
  run(cmd) {
    const name = oneName(cmd)
    const min = cmd.flags.string('min-available')
    const max = cmd.flags.string('max-unavailable')
    const selector = cmd.flags.string('selector')
    if (selector === '') throw fail('a selector must be specified')
    if (min === '' && max === '') throw fail('one of min-available or max-unavailable must be specified')
    if (min !== '' && max !== '') throw fail('min-available and max-unavailable cannot be both specified')
    for (const flag of ['min-available', 'max-unavailable']) if (!/^(\d+%?)?$/.test(cmd.flags.string(flag))) throw fail(`invalid format specified for ${flag}`)
    const count = (text: string): string | number => (/^-?\d+$/.test(text) ? Number(text) : text)
    const labels = Object.fromEntries(selector.split(',').map((s) => s.split(/==?/).map((w) => w.trim())).map(([k = '', v = '']) => [k, v]))
    createGenerated(cmd, {
      apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: generatedMeta(cmd, name),
      spec: { ...(min === '' ? { maxUnavailable: count(max) } : { minAvailable: count(min) }), selector: { matchLabels: labels } },
      status: { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 },
    }, 'failed to create poddisruptionbudgets:')
  },
}

/** Generators of workloads and their budgets. */
export const workload: readonly Command[] = [deployment, job, cronjob, podDisruptionBudget]
