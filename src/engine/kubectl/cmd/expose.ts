import { at, listAt, mapAt, type Thing } from '../api'
import { find } from '../builder'
import { Fail, fail, problemOf } from '../errors'
import { flagSpecs } from '../flags'
import { goPrint } from '../go-print'
import { dryRunOf, printFlags, printResult } from '../print-flags'
import { groupResource, type Mapping } from '../rest-mapper'
import type { Command } from '../verb'
import { annotated, fileFlags, filesOf } from './apply'
import { throwAll } from './get'
import { overridden, overrideFlags, parseLabels } from './overrides'

/** `kubectl expose`. Upstream: kubectl/pkg/cmd/expose/expose.go */
export const expose: Command = {
  name: 'expose',
  complete: 'type/name',
  flags: [
    ...printFlags, ...fileFlags, ...overrideFlags,
    ...flagSpecs('cluster-ip:string dry-run:string[=unchanged]=none external-ip:string field-manager:string labels/l:string load-balancer-ip:string name:string port:string protocol:string record save-config selector:string session-affinity:string target-port:string type:string'),
  ],
  run(cmd) {
    const { flags, io, api, mapper, args } = cmd
    const dryRun = dryRunOf(flags)
    const { infos, problems } = find({ args, files: filesOf(flags), recursive: flags.bool('recursive'), stdin: io.stdin, namespace: cmd.namespace, enforceNamespace: cmd.explicitNamespace, fetch: true }, api, mapper)
    const bad = [...problems]
    // What the first object says of itself stays for those that follow, as upstream.
    const wanted: Wanted = { selector: flags.string('selector'), port: flags.string('port'), labels: flags.string('labels') === '' ? undefined : parseLabels(flags.string('labels')) }
    for (const { mapping, name, object } of infos) {
      try {
        const service = overridden(flags, serviceFor(mapping, object as Thing, name, flags.string.bind(flags), wanted))
        if (dryRun === 'client') {
          printResult(cmd.explicitNamespace ? { ...service, metadata: { ...service.metadata, namespace: cmd.namespace } } : service, 'exposed', flags, io, dryRun)
          continue
        }
        const body = flags.bool('save-config') ? annotated(service) : service
        const response = api.try({ verb: 'create', path: `/api/v1/namespaces/${cmd.namespace}/services`, query: { fieldManager: flags.string('field-manager') || 'kubectl-expose', ...(dryRun === 'server' ? { dryRun: 'All' } : {}) }, body })
        if (response.code !== 201) throw new Fail([problemOf(response)])
        printResult(response.body as Thing, 'exposed', flags, io, dryRun)
      } catch (thrown) {
        if (!(thrown instanceof Fail)) throw thrown
        bad.push(...thrown.problems)
      }
    }
    throwAll(bad)
  },
}

interface Wanted {
  selector: string
  port: string
  labels: Readonly<Record<string, string>> | undefined
}

const written = (labels: Readonly<Record<string, string>>): string => Object.entries(labels).map(([k, v]) => `${k}=${v}`).join(',')

/** Upstream: expose.go RunExpose, createService */
function serviceFor(mapping: Mapping, object: Thing, name: string, flag: (name: string) => string, wanted: Wanted): Thing {
  if (!['pods', 'services', 'replicationcontrollers', 'deployments.apps', 'replicasets.apps'].includes(groupResource(mapping))) throw fail(`cannot expose a ${mapping.kind}${mapping.group === '' ? '' : `.${mapping.group}`}`)
  wanted.selector ||= selectorOf(mapping, object)
  const found = portsOf(mapping, object)
  const numbers = [...new Set(found.map((p) => p.port))]
  const headless = flag('cluster-ip') === 'None'
  let given = wanted.port
  if (given === '') {
    if (numbers.length === 0 && !headless) throw fail("couldn't find port via --port flag or introspection")
    given = numbers.join(',')
    if (numbers.length === 1) wanted.port = given
  }
  const own = mapAt(object, 'metadata', 'labels')
  if (wanted.labels === undefined && Object.keys(own).length > 0) wanted.labels = own
  if (wanted.selector === '') throw fail('selector must be specified')
  const selector = parseLabels(wanted.selector)
  const target = flag('target-port')
  const texts = given === '' ? [] : given.split(',')
  const ports = texts.flatMap((text, i) => {
    if (!/^[-+]?\d+$/.test(text)) throw fail(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`)
    const port = Number(text)
    const targetPort = target === '' ? port : /^[-+]?\d+$/.test(target) ? Number(target) : target
    const protocols = flag('protocol') === '' ? found.filter((p) => String(p.port) === text).map((p) => p.protocol) : [flag('protocol')]
    if (protocols.length > 1) return protocols.map((protocol) => ({ name: `port-${i + 1}-${protocol.toLowerCase()}`, port, protocol, targetPort }))
    return [{ ...(texts.length > 1 ? { name: `port-${i + 1}` } : {}), port, protocol: protocols[0] ?? 'TCP', targetPort }]
  })
  const type = flag('type')
  const affinity = flag('session-affinity')
  if (!['', 'None', 'ClientIP'].includes(affinity)) throw fail(`unknown session affinity: ${affinity}`)
  return {
    apiVersion: 'v1', kind: 'Service',
    metadata: { ...(wanted.labels === undefined ? {} : { labels: wanted.labels }), name: flag('name') || name.slice(0, 63) },
    spec: {
      ...(flag('cluster-ip') === '' ? {} : { clusterIP: flag('cluster-ip') }), ...(flag('external-ip') === '' ? {} : { externalIPs: [flag('external-ip')] }),
      ...(flag('load-balancer-ip') === '' || type !== 'LoadBalancer' ? {} : { loadBalancerIP: flag('load-balancer-ip') }), ...(ports.length === 0 ? {} : { ports }), selector,
      ...(affinity === '' ? {} : { sessionAffinity: affinity }), ...(type === '' ? {} : { type }),
    },
    status: { loadBalancer: {} },
  } as unknown as Thing
}

/** Upstream: polymorphichelpers mapbasedselectorforobject.go */
function selectorOf(mapping: Mapping, object: Thing): string {
  const none = (what: string): Fail => fail(`couldn't retrieve selectors via --selector flag or introspection: ${what}`)
  if (mapping.kind === 'Pod') {
    const labels = mapAt(object, 'metadata', 'labels')
    if (Object.keys(labels).length === 0) throw none('the pod has no labels and cannot be exposed')
    return written(labels)
  }
  if (mapping.kind === 'Service' && at(object, 'spec', 'selector') === undefined) throw none('the service has no pod selector set')
  if (mapping.kind === 'Service' || mapping.kind === 'ReplicationController') return written(mapAt(object, 'spec', 'selector'))
  const labels = mapAt(object, 'spec', 'selector', 'matchLabels')
  if (Object.keys(labels).length === 0) throw none(`invalid ${mapping.kind.toLowerCase()}: no selectors, therefore cannot be exposed`)
  const expressions = listAt<{ key?: string; operator?: string; values?: string[] }>(object, 'spec', 'selector', 'matchExpressions')
  if (expressions.length > 0) throw none(`couldn't convert expressions - "[${expressions.map((e) => `{Key:${e.key} Operator:${e.operator} Values:${goPrint(e.values ?? [])}}`).join(' ')}]" to map-based selector format`)
  return written(labels)
}

/** Upstream: polymorphichelpers portsforobject.go, multiprotocolsforobject.go */
function portsOf(mapping: Mapping, object: Thing): readonly { port: number; protocol: string }[] {
  if (mapping.kind === 'Service') return listAt<{ port: number; protocol?: string }>(object, 'spec', 'ports').map((p) => ({ port: p.port, protocol: p.protocol || 'TCP' }))
  const spec = mapping.kind === 'Pod' ? at(object, 'spec') : at(object, 'spec', 'template', 'spec')
  return listAt(spec, 'containers').flatMap((c) => listAt<{ containerPort: number; protocol?: string }>(c, 'ports')).map((p) => ({ port: p.containerPort, protocol: p.protocol || 'TCP' }))
}
