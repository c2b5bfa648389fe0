import { canonicalQuantity } from '../../apimachinery'
import type { ApiResponse } from '../../client-go'
import type { Thing } from '../api'
import { find, type Info } from '../builder'
import { Fail, fail, problemOf } from '../errors'
import { flagSpecs, type Flags } from '../flags'
import { dryRunOf, printFlags, printResult } from '../print-flags'
import { apiVersionOf, pathOf } from '../rest-mapper'
import type { Command } from '../verb'
import { annotated, fileFlags, filesOf } from './apply'
import { throwAll } from './get'

/** `kubectl autoscale`. Upstream: kubectl/pkg/cmd/autoscale/autoscale.go */
export const autoscale: Command = {
  name: 'autoscale',
  complete: 'type/name',
  flags: [...printFlags, ...fileFlags, ...flagSpecs('cpu:string cpu-percent:int32=-1 dry-run:string[=unchanged]=none field-manager:string max:int32=-1 memory:string min:int32=-1 record name:string save-config')],
  required: ['max'],
  run(cmd) {
    const { flags, io, api, mapper, args } = cmd
    const dryRun = dryRunOf(flags)
    const min = flags.int('min')
    const max = flags.int('max')
    if (max < 1) throw fail(`--max=MAXPODS is required and must be at least 1, max: ${max}`)
    if (max < min) throw fail(`--max=MAXPODS must be larger or equal to --min=MINPODS, max: ${max}, min: ${min}`)
    const percent = flags.int('cpu-percent')
    const cpu = flags.string('cpu')
    if (percent > 0 && cpu !== '') throw fail('--cpu-percent and --cpu are mutually exclusive')
    const metrics = [...(percent > 0 ? [metric('cpu', { averageUtilization: percent, type: 'Utilization' })] : []), ...metricOf('cpu', cpu, 'm'), ...metricOf('memory', flags.string('memory'), 'Mi')]
    if (flags.has('cpu-percent')) io.err('Flag --cpu-percent has been deprecated, Use --cpu with percentage or resource quantity format (e.g., \'70%\' for utilization or \'500m\' for milliCPU).\n')
    const { infos, problems } = find({ args, files: filesOf(flags), recursive: flags.bool('recursive'), stdin: io.stdin, namespace: cmd.namespace, enforceNamespace: cmd.explicitNamespace, fetch: true }, api, mapper)
    const bad = [...problems]
    let count = 0
    const send = (version: string, object: Thing): ApiResponse => api.try({
      verb: 'create', path: pathOf({ ...mapper.must('hpa'), version }, object.metadata.namespace ?? cmd.namespace), body: flags.bool('save-config') ? annotated(object) : object,
      query: { fieldManager: flags.string('field-manager') || 'kubectl-autoscale', ...(dryRun === 'server' ? { dryRun: 'All' } : {}) },
    })
    const create = ({ mapping, name, namespace }: Info): void => {
      if (!['Deployment', 'ReplicaSet', 'StatefulSet', 'ReplicationController'].includes(mapping.kind)) throw fail(`cannot autoscale a ${mapping.kind}: could not find scale subresource for ${mapping.group}/${mapping.version}, Resource=${mapping.resource} in discovery information`)
      const metadata = { name: flags.string('name') || name, ...(cmd.explicitNamespace ? { namespace } : {}) }
      const bounds = { maxReplicas: max, ...(min > 0 ? { minReplicas: min } : {}), scaleTargetRef: { apiVersion: apiVersionOf(mapping), kind: mapping.kind, name } }
      const object = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata, spec: { ...bounds, ...(metrics.length > 0 ? { metrics } : {}) }, status: { currentMetrics: null, desiredReplicas: 0 } } as unknown as Thing
      if (dryRun === 'client') return printResult(object, 'created', flags, io, dryRun)
      let response = send('v2', object)
      if (response.code !== 201) {
        const why = cannotBeV1(flags)
        if (why !== undefined) throw fail(`failed to create autoscaling/v2 HPA and the configuration is incompatible with autoscaling/v1: ${why}`)
        response = send('v1', { apiVersion: 'autoscaling/v1', kind: object.kind, metadata, spec: { ...bounds, ...(percent >= 0 ? { targetCPUUtilizationPercentage: percent } : {}) }, status: { currentReplicas: 0, desiredReplicas: 0 } } as unknown as Thing)
      }
      if (response.code !== 201) throw new Fail([problemOf(response)])
      printResult(response.body as Thing, 'autoscaled', flags, io, dryRun)
    }
    for (const info of infos) {
      try {
        create(info)
        count++
      } catch (thrown) {
        if (!(thrown instanceof Fail)) throw thrown
        bad.push(...thrown.problems)
      }
    }
    throwAll(bad)
    if (count === 0) throw fail('no objects passed to autoscale')
  },
}

/** Why an older API server cannot be asked instead, in upstream's words (which wrap nothing when there is no error). Upstream: autoscale.go canCreateHPAV1 */
function cannotBeV1(flags: Flags): string | undefined {
  const cpu = flags.string('cpu').trim()
  if (cpu === '') return 'empty input'
  return flags.string('memory') === '' && (flags.int('cpu-percent') >= 0 || cpu.endsWith('%')) ? undefined : '%!w(<nil>)'
}

const metric = (name: string, target: Record<string, unknown>): unknown => ({ resource: { name, target }, type: 'Resource' })

/** Upstream: autoscale.go parseResourceInput */
function metricOf(name: string, given: string, unit: string): unknown[] {
  const text = given.trim()
  if (given === '') return []
  if (text === '') throw fail('empty input')
  if (text.endsWith('%')) {
    const number = text.slice(0, -1)
    if (!/^\+?\d+$/.test(number) || Number(number) > 2_147_483_647) throw fail(`invalid percentage value: ${number}`)
    return [metric(name, { averageUtilization: Number(number), type: 'Utilization' })]
  }
  const whole = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? `${Number(text)}${unit}` : text
  const averageValue = canonicalQuantity(whole)
  if (averageValue === undefined) throw fail(`invalid resource ${name} value: ${text}`)
  return [metric(name, { averageValue, type: 'AverageValue' })]
}
