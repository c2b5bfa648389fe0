import { at, listAt, mapAt, type Thing } from '../api'
import { find } from '../builder'
import { Fail, fail, problemOf } from '../errors'
import { flagSpecs } from '../flags'
import { dryRunOf, printFlags, printResult } from '../print-flags'
import { groupResource, type Mapping } from '../rest-mapper'
import type { Command } from '../verb'
import { annotated, fileFlags, filesOf } from './apply'
import { throwAll } from './get'

/** `kubectl expose`. Upstream: kubectl/pkg/cmd/expose/expose.go */
export const expose: Command = {
  name: 'expose',
  complete: 'type/name',
  flags: [...printFlags, ...fileFlags, ...flagSpecs('cluster-ip:string dry-run:string[=unchanged]=none external-ip:string field-manager:string labels/l:string load-balancer-ip:string name:string override-type:string=merge overrides:string port:string record protocol:string save-config selector:string session-affinity:string target-port:string type:string')],
  run(cmd) {
    const { flags, io, api, mapper, args } = cmd
    const dryRun = dryRunOf(flags)
    const { infos, problems } = find({ args, files: filesOf(flags), recursive: flags.bool('recursive'), stdin: io.stdin, namespace: cmd.namespace, enforceNamespace: cmd.explicitNamespace, fetch: true }, api, mapper)
    throwAll(problems)
    for (const { mapping, name, namespace, object } of infos) {
      if (!['Pod', 'Service', 'ReplicationController', 'Deployment', 'ReplicaSet'].includes(mapping.kind)) throw fail(`cannot expose a ${groupResource(mapping).includes('.') ? `${mapping.kind}.${mapping.group}` : mapping.kind}`)
      const service = serviceFor(mapping, object as Thing, name, flags.string.bind(flags), cmd.explicitNamespace ? namespace : '')
      const body = flags.bool('save-config') ? annotated(service) : service
      if (dryRun === 'client') {
        printResult(body, 'exposed', flags, io, dryRun)
        continue
      }
      const response = api.try({ verb: 'create', path: `/api/v1/namespaces/${namespace}/services`, query: { fieldManager: flags.string('field-manager') || 'kubectl-expose', ...(dryRun === 'server' ? { dryRun: 'All' } : {}) }, body })
      if (response.code !== 201) throw new Fail([problemOf(response)])
      printResult(response.body as Thing, 'exposed', flags, io, dryRun)
    }
  },
}

/** Labels that a selector flag or label flag lists. */
const pairs = (text: string): Record<string, string> => Object.fromEntries(text.split(',').map((s) => {
  const eq = s.indexOf('=')
  if (eq < 1) throw fail(`unexpected label spec: ${s}`)
  return [s.slice(0, eq).trim(), s.slice(eq + 1).trim()]
}))

function serviceFor(mapping: Mapping, object: Thing, name: string, flag: (name: string) => string, namespace: string): Thing {
  const selector = flag('selector') === '' ? selectorOf(mapping, object) : pairs(flag('selector'))
  const given = flag('port')
  const found = portsOf(mapping, object)
  if (given === '' && found.length === 0) throw fail("couldn't find port via --port flag or introspection")
  const numbers = given === '' ? found.map((p) => ({ port: p.port, protocol: p.protocol })) : given.split(',').map((p) => {
    if (!/^\d+$/.test(p.trim())) throw fail(`strconv.Atoi: parsing ${JSON.stringify(p)}: invalid syntax`)
    return { port: Number(p), protocol: found.find((f) => f.port === Number(p))?.protocol ?? 'TCP' }
  })
  const target = flag('target-port')
  const labels = flag('labels') === '' ? mapAt(object, 'metadata', 'labels') : pairs(flag('labels'))
  const port = (p: { port: number; protocol: string }, i: number): Record<string, unknown> => ({
    ...(numbers.length > 1 ? { name: `port-${i + 1}` } : {}), port: p.port, protocol: flag('protocol') || p.protocol,
    targetPort: target === '' ? p.port : /^\d+$/.test(target) ? Number(target) : target,
  })
  const type = flag('type')
  return {
    apiVersion: 'v1', kind: 'Service',
    metadata: { ...(Object.keys(labels).length > 0 ? { labels } : {}), name: flag('name') || (name.length > 63 ? name.slice(0, 63) : name), ...(namespace === '' ? {} : { namespace }) },
    spec: {
      ...(flag('cluster-ip') === '' ? {} : { clusterIP: flag('cluster-ip') }), ...(flag('external-ip') === '' ? {} : { externalIPs: [flag('external-ip')] }),
      ...(flag('load-balancer-ip') === '' ? {} : { loadBalancerIP: flag('load-balancer-ip') }), ports: numbers.map(port), selector,
      ...(flag('session-affinity') === '' ? {} : { sessionAffinity: flag('session-affinity') }), ...(type === '' ? {} : { type }),
    },
    status: { loadBalancer: {} },
  } as unknown as Thing
}

/** Upstream: polymorphichelpers mapbasedselectorforobject.go */
function selectorOf(mapping: Mapping, object: Thing): Readonly<Record<string, string>> {
  if (mapping.kind === 'Pod') {
    const labels = mapAt(object, 'metadata', 'labels')
    if (Object.keys(labels).length === 0) throw fail("couldn't retrieve selectors via --selector flag or introspection: the pod has no labels and cannot be exposed")
    return labels
  }
  if (mapping.kind === 'Service' || mapping.kind === 'ReplicationController') {
    const selector = mapAt(object, 'spec', 'selector')
    if (Object.keys(selector).length === 0) throw fail(`couldn't retrieve selectors via --selector flag or introspection: the ${mapping.kind.toLowerCase()} has no pod selector set`)
    return selector
  }
  if (listAt(object, 'spec', 'selector', 'matchExpressions').length > 0) throw fail(`couldn't retrieve selectors via --selector flag or introspection: couldn't convert expressions - "${JSON.stringify(at(object, 'spec', 'selector', 'matchExpressions'))}" to map-based selector format`)
  return mapAt(object, 'spec', 'selector', 'matchLabels')
}

function portsOf(mapping: Mapping, object: Thing): readonly { port: number; protocol: string }[] {
  if (mapping.kind === 'Service') return listAt<{ port: number; protocol?: string }>(object, 'spec', 'ports').map((p) => ({ port: p.port, protocol: p.protocol ?? 'TCP' }))
  const spec = mapping.kind === 'Pod' ? at(object, 'spec') : at(object, 'spec', 'template', 'spec')
  return listAt(spec, 'containers').flatMap((c) => listAt<{ containerPort: number; protocol?: string }>(c, 'ports')).map((p) => ({ port: p.containerPort, protocol: p.protocol ?? 'TCP' }))
}

