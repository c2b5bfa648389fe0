import { parseDocument } from 'yaml'
import { documentsOf } from './documents'

/** A kubectl line that does what the editor does, and what it is. */
export interface KubectlLine {
  readonly what: string
  readonly line: string
}

interface Like {
  readonly kind?: string
  readonly metadata?: { readonly name?: string; readonly namespace?: string }
  readonly spec?: Readonly<Record<string, unknown>>
  readonly data?: Readonly<Record<string, unknown>>
  readonly stringData?: Readonly<Record<string, unknown>>
  readonly type?: string
}

/** The lines for a text as it is: applying it as typed into a shell, and for plain objects the command that makes about the same by hand. */
export function asKubectl(text: string): readonly KubectlLine[] {
  const lines: KubectlLine[] = [
    { what: 'Apply this text', line: `kubectl apply -f - <<'EOF'\n${text.trimEnd()}\nEOF` },
    { what: 'Apply it from a file', line: 'kubectl apply -f manifest.yaml' },
    { what: 'Only ask the server', line: 'kubectl apply --dry-run=server -f manifest.yaml' },
    { what: 'See what would change', line: 'kubectl diff -f manifest.yaml' },
  ]
  for (const { text: document } of documentsOf(text).slice(0, 20)) {
    const value: unknown = parseDocument(document, { logLevel: 'silent' }).toJS({ maxAliasCount: 50 })
    const line = typeof value === 'object' && value !== null ? byHand(value as Like) : null
    if (line) lines.push({ what: `About the same ${(value as Like).kind} by hand`, line })
  }
  return lines
}

function byHand(object: Like): string | null {
  const name = object.metadata?.name
  if (name === undefined || object.metadata === undefined) return null
  const namespace = object.metadata.namespace && object.metadata.namespace !== 'default' ? ` -n ${quote(object.metadata.namespace)}` : ''
  const containers = (of: unknown): readonly Container[] => ((of as { containers?: readonly Container[] } | undefined)?.containers ?? []).filter((c) => typeof c?.image === 'string')
  const spec = object.spec ?? {}
  const template = (spec['template'] as { spec?: unknown } | undefined)?.spec
  switch (object.kind) {
    case 'Namespace': return `kubectl create namespace ${quote(name)}`
    case 'ServiceAccount': return `kubectl create serviceaccount ${quote(name)}${namespace}`
    case 'Deployment': {
      const all = containers(template)
      const port = all[0]?.ports?.[0]?.containerPort
      return all.length === 0 ? null : `kubectl create deployment ${quote(name)}${all.map((c) => ` --image=${quote(c.image)}`).join('')}${spec['replicas'] === undefined ? '' : ` --replicas=${String(spec['replicas'])}`}${port === undefined || all.length > 1 ? '' : ` --port=${port}`}${namespace}`
    }
    case 'Pod': {
      const [only, ...others] = containers(spec)
      if (!only || others.length > 0) return null
      const port = only.ports?.[0]?.containerPort
      return `kubectl run ${quote(name)} --image=${quote(only.image)}${port === undefined ? '' : ` --port=${port}`}${namespace}${commandOf(only)}`
    }
    case 'Job': {
      const [only] = containers(template)
      return only ? `kubectl create job ${quote(name)} --image=${quote(only.image)}${namespace}${commandOf(only)}` : null
    }
    case 'CronJob': {
      const job = (spec['jobTemplate'] as { spec?: { template?: { spec?: unknown } } } | undefined)?.spec?.template?.spec
      const [only] = containers(job)
      return only ? `kubectl create cronjob ${quote(name)} --image=${quote(only.image)} --schedule=${quote(String(spec['schedule']))}${namespace}${commandOf(only)}` : null
    }
    case 'ConfigMap': return `kubectl create configmap ${quote(name)}${literals(object.data)}${namespace}`
    case 'Secret': return object.stringData || !object.data ? `kubectl create secret generic ${quote(name)}${literals(object.stringData)}${namespace}` : null
    case 'Service': {
      const ports = (spec['ports'] as readonly { port?: number; targetPort?: unknown }[] | undefined) ?? []
      const type = ({ NodePort: 'nodeport', LoadBalancer: 'loadbalancer', ClusterIP: 'clusterip' } as Readonly<Record<string, string>>)[String(spec['type'] ?? 'ClusterIP')]
      return type && ports.length > 0 ? `kubectl create service ${type} ${quote(name)}${ports.map(({ port, targetPort }) => ` --tcp=${port}:${String(targetPort ?? port)}`).join('')}${namespace}` : null
    }
    default: return null
  }
}

interface Container {
  readonly image: string
  readonly command?: readonly string[]
  readonly args?: readonly string[]
  readonly ports?: readonly { readonly containerPort?: number }[]
}

const commandOf = ({ command, args }: Container): string => (command || args ? ` -- ${[...(command ?? []), ...(args ?? [])].map((word) => quote(String(word))).join(' ')}` : '')

function literals(data: Readonly<Record<string, unknown>> | undefined): string {
  return Object.entries(data ?? {}).slice(0, 12).map(([key, value]) => ` --from-literal=${quote(`${key}=${String(value)}`)}`).join('')
}

/** A word as a shell takes it. */
function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
