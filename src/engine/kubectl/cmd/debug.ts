import { applyStrategicMergePatch, goQuote, readYaml } from '../../apimachinery'
import { structSchema } from '../../api'
import { at, listAt, textAt, withField, type Thing } from '../api'
import { find, type Info } from '../builder'
import { Fail, fail, problemOf } from '../errors'
import { flagSpecs } from '../flags'
import { imageShape } from '../image-name'
import type { Command, Invocation } from '../verb'
import { attachTo } from './exec'
import { throwAll } from './get'
import { follow } from './logs'

const SUFFIX = 'bcdfghjklmnpqrstvwxz2456789'
const WEEK = 168 * 3_600_000_000
const word = ({ io }: Invocation): string => Array.from({ length: 5 }, () => SUFFIX[io.draw(SUFFIX.length)]).join('')

type Json = Readonly<Record<string, unknown>>
type Container = Json & { readonly name: string }
/** What is debugged, and how. */
type Style = 'node' | 'copy' | 'ephemeral'

/** `kubectl debug`: an ephemeral container, a copy of a pod, or a pod on a node. Upstream: kubectl/pkg/cmd/debug/debug.go */
export const debug: Command = {
  name: 'debug',
  complete: 'pod',
  flags: flagSpecs('arguments-only attach container/c:string copy-to:string custom:string env:array filename/f:list image:string image-pull-policy:string keep-annotations keep-init-containers=true keep-labels keep-liveness keep-readiness keep-startup profile:string=general quiet/q replace same-node set-image:array share-processes=true stdin/i target:string tty/t'),
  run(cmd) {
    const { flags, args, io, api, mapper } = cmd
    const dash = flags.dash >= 0 && args.length > flags.dash ? flags.dash : args.length
    const command = args.slice(dash)
    const profile = flags.string('profile')
    if (!PROFILES.includes(profile)) throw fail(`unknown profile: ${profile}`)
    const custom = customProfile(cmd)
    check(cmd, args.slice(0, dash), command, custom)
    const { infos, problems } = find({ args: args.slice(0, dash).map((a) => (a.includes('/') ? a : `pods/${a}`)), files: flags.list('filename'), stdin: io.stdin, namespace: cmd.namespace, enforceNamespace: cmd.explicitNamespace, fetch: true }, api, mapper)
    const work: Work = { cmd, command, profile, custom }
    let code = 0
    for (const info of infos) {
      const { pod, container } = info.mapping.kind === 'Node' ? onNode(work, info) : info.mapping.kind !== 'Pod' ? unsupported(info) : flags.string('copy-to') === '' ? inPod(work, info.object as Thing) : inCopy(work, info.object as Thing)
      if (container !== '') code = session(cmd, pod, container)
    }
    throwAll(problems)
    return code
  },
}

interface Work {
  readonly cmd: Invocation
  readonly command: readonly string[]
  readonly profile: string
  readonly custom: Json | undefined
}

interface Made {
  readonly pod: Thing
  /** '' when there is none to attach to. */
  readonly container: string
}

const PROFILES = ['legacy', 'general', 'baseline', 'restricted', 'netadmin', 'sysadmin']

function unsupported({ mapping }: Info): never {
  throw fail(`"${mapping.group}/${mapping.version}, Kind=${mapping.kind}" not supported by debug`)
}

function customProfile({ flags, io }: Invocation): Json | undefined {
  const path = flags.string('custom')
  if (path === '') return undefined
  const text = io.machine.read(path)
  if (text === undefined) throw fail(`must pass a container spec json file for custom profile: open ${path}: no such file or directory`)
  const read = readYaml(text)
  if (read.error !== undefined || typeof read.value !== 'object' || read.value === null) throw fail(`${path} does not contain a valid container spec: ${read.error ?? 'json: cannot unmarshal into Go value of type v1.Container'}`)
  return read.value as Json
}

/** Upstream: debug.go Validate */
function check({ flags, io }: Invocation, names: readonly string[], command: readonly string[], custom: Json | undefined): void {
  const [image, container] = [flags.string('image'), flags.string('container')]
  const images = flags.list('set-image')
  if (flags.has('attach') && flags.bool('attach') && image === '' && container === '') throw fail('you must specify --container or create a new container using --image in order to attach.')
  if (flags.string('copy-to') !== '') {
    if (image === '' && images.length === 0 && command.length === 0) throw fail('you must specify --image, --set-image or command arguments.')
    if (command.length > 0 && container === '' && image === '') throw fail('you must specify an existing container or a new image when specifying args.')
  } else {
    if (flags.bool('replace')) throw fail('--replace may only be used with --copy-to.')
    if (flags.bool('same-node')) throw fail('--same-node may only be used with --copy-to.')
    if (images.length > 0) throw fail('--set-image may only be used with --copy-to.')
    if (image === '') throw fail('you must specify --image when not using --copy-to.')
  }
  if (image !== '' && !imageShape.test(image)) throw fail(`invalid image name ${goQuote(image)}: invalid reference format`)
  if (names.length === 0 && flags.list('filename').length === 0) throw fail('NAME or filename is required for debug')
  if (!['', 'Always', 'IfNotPresent', 'Never'].includes(flags.string('image-pull-policy'))) throw fail(`invalid image pull policy: ${flags.string('image-pull-policy')}`)
  for (const [name, other] of setImages(images)) if (!imageShape.test(other)) throw fail(`invalid image name ${goQuote(other)} for container ${goQuote(name)}: invalid reference format`)
  const target = flags.string('target')
  if (target !== '') {
    if (flags.string('copy-to') !== '') throw fail('--target is incompatible with --copy-to. Use --share-processes instead.')
    if (!flags.bool('quiet')) io.out(`Targeting container ${goQuote(target)}. If you don't see processes from this container it may be because the container runtime doesn't support this feature.\n`)
  }
  if (flags.bool('tty') && !flags.bool('stdin')) throw fail('-i/--stdin is required for containers with -t/--tty=true')
  if (custom !== undefined && ['name', 'command', 'image', 'lifecycle', 'volumeDevices'].some((f) => custom[f] !== undefined)) throw fail('name, command, image, lifecycle and volume devices are not modifiable via custom profile')
  if (flags.string('profile') === 'legacy') io.err('--profile=legacy is deprecated and planned to be removed in v1.39. It is recommended to specify other profile, for example "--profile=general".\n')
}

const setImages = (given: readonly string[]): ReadonlyMap<string, string> => new Map(given.flatMap((s) => s.split(',')).map((s) => [s.slice(0, s.indexOf('=')), s.slice(s.indexOf('=') + 1)]))

const envOf = ({ flags }: Invocation): readonly Json[] => flags.list('env').map((e) => ({ name: e.slice(0, e.indexOf('=')), value: e.slice(e.indexOf('=') + 1) }))

/** The container to debug with. */
function debugger_({ cmd, command }: Work, name: string): Container {
  const { flags } = cmd
  const env = envOf(cmd)
  return {
    ...(command.length > 0 ? { [flags.bool('arguments-only') ? 'args' : 'command']: command } : {}), ...(env.length > 0 ? { env } : {}), image: flags.string('image'),
    ...(flags.string('image-pull-policy') === '' ? {} : { imagePullPolicy: flags.string('image-pull-policy') }), name, resources: {}, ...(flags.bool('stdin') ? { stdin: true } : {}), terminationMessagePolicy: 'File', ...(flags.bool('tty') ? { tty: true } : {}),
  }
}

/** The name of the debug container, said when it was not given. Upstream: computeDebugContainerName */
function nameFor(cmd: Invocation): string {
  const given = cmd.flags.string('container')
  if (given !== '') return given
  const name = `debugger-${word(cmd)}`
  if (!cmd.flags.bool('quiet')) cmd.io.out(`Defaulting debug container name to ${name}.\n`)
  return name
}

/** What a profile makes of the container, then what the person's own does. Upstream: profiles.go, applyCustomProfile */
function profiled({ profile, custom }: Work, container: Container, style: Style): Container {
  const context = (container['securityContext'] ?? {}) as Json
  const adding = (...names: readonly string[]): Container => ({ ...container, securityContext: { ...context, capabilities: { ...(context['capabilities'] as Json | undefined), add: [...listAt<string>(context, 'capabilities', 'add'), ...names] } } })
  const { securityContext, ...bare } = container
  void securityContext
  const made: Json =
    profile === 'general' && style === 'node' ? bare
    : profile === 'general' ? adding('SYS_PTRACE')
    : profile === 'baseline' ? bare
    : profile === 'restricted' ? { ...bare, securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } } }
    : profile === 'netadmin' ? adding('NET_ADMIN', 'NET_RAW')
    : profile === 'sysadmin' ? { ...container, securityContext: { ...context, privileged: true } }
    : container
  const mounted = style === 'node' && ['legacy', 'general', 'sysadmin'].includes(profile) ? { ...made, volumeMounts: [{ mountPath: '/host', name: 'host-root' }] } : made
  if (custom === undefined) return mounted as Container
  const schema = structSchema('Container')
  const patched = schema === undefined ? { value: { ...mounted, ...custom } } : applyStrategicMergePatch(schema, mounted as Record<string, unknown>, { ...custom, name: container.name })
  if (patched.error !== undefined) throw fail(`error creating three way patch to add debug container: ${patched.error}`)
  return patched.value as unknown as Container
}

/** Upstream: displayWarning */
function warnOfRoot({ io }: Invocation, container: Container, pod: Thing): void {
  const user = at<number>(pod, 'spec', 'securityContext', 'runAsUser')
  const context = container['securityContext']
  if (!user || context === undefined || at(context, 'runAsUser') === 0) return
  if (at(context, 'privileged') !== true && listAt(context, 'capabilities', 'add').length === 0) return
  io.err('Warning: Non-root user is configured for the entire target Pod, and some capabilities granted by debug profile may not work. Please consider using "--custom" with a custom profile that specifies "securityContext.runAsUser: 0".\n')
}

/** Upstream: visitNode, generateNodeDebugPod */
function onNode(work: Work, { name: node }: Info): Made {
  const { cmd, profile } = work
  const container = cmd.flags.string('container') || 'debugger'
  const name = `node-debugger-${node}-${word(cmd)}`
  if (!cmd.flags.bool('quiet')) cmd.io.out(`Creating debugging pod ${name} with container ${container} on node ${node}.\n`)
  const root = ['legacy', 'general', 'sysadmin'].includes(profile)
  const host = root || profile === 'netadmin'
  const pod = create(cmd, cmd.namespace, {
    apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: cmd.namespace, labels: { 'app.kubernetes.io/managed-by': 'kubectl-debug' } },
    spec: {
      containers: [profiled(work, debugger_(work, container), 'node')], ...(host ? { hostIPC: true, hostNetwork: true, hostPID: true } : {}), nodeName: node, restartPolicy: 'Never', tolerations: [{ operator: 'Exists' }],
      ...(root ? { volumes: [{ hostPath: { path: '/' }, name: 'host-root' }] } : {}),
    },
  } as unknown as Thing)
  return { pod, container }
}

/** Upstream: debugByEphemeralContainer */
function inPod(work: Work, pod: Thing): Made {
  const { cmd } = work
  const { flags, api } = cmd
  const name = nameFor(cmd)
  const added = profiled(work, { ...debugger_(work, name), ...(flags.string('target') === '' ? {} : { targetContainerName: flags.string('target') }) }, 'ephemeral')
  warnOfRoot(cmd, added, pod)
  const response = api.try({ verb: 'patch', path: `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}/ephemeralcontainers`, patchType: 'application/strategic-merge-patch+json', body: { spec: { '$setElementOrder/ephemeralContainers': [...listAt<{ name: string }>(pod, 'spec', 'ephemeralContainers').map((c) => ({ name: c.name })), { name }], ephemeralContainers: [added] } }, query: { fieldManager: 'kubectl-debug' } })
  if (response.code !== 200) throw response.code === 404 && at(response.body, 'details', 'name') === undefined ? fail('ephemeral containers are disabled for this cluster (error from server: "the server could not find the requested resource")') : new Fail([problemOf(response)])
  return { pod: response.body as Thing, container: name }
}

/** `--copy-to`: a pod like it, changed to be looked at. Upstream: debugByCopy, generatePodCopyWithDebugContainer */
function inCopy(work: Work, pod: Thing): Made {
  const { cmd, command, profile } = work
  const { flags, api } = cmd
  const keep = (flag: string): boolean => flags.bool(`keep-${flag}`)
  const images = setImages(flags.list('set-image'))
  const { nodeName, ephemeralContainers, initContainers, ...rest } = pod.spec as Record<string, unknown>
  void ephemeralContainers
  let containers: readonly Container[] = listAt<Container>(pod, 'spec', 'containers').map((c) => ({ ...c, ...(images.get(c.name) || images.get('*') ? { image: images.get(c.name) ?? images.get('*') } : {}) }))
  const spec = { ...rest, ...(initContainers === undefined ? {} : { initContainers }), ...(flags.bool('same-node') ? { nodeName } : {}), ...(flags.has('share-processes') ? { shareProcessNamespace: flags.bool('share-processes') } : {}) }
  const given = flags.string('container')
  const own = given !== '' && containers.some((c) => c.name === given)
  const bare = !own && flags.string('image') === ''
  if (bare && images.size === 0) throw fail('you must specify image when creating new container')
  let name = ''
  let kept: Record<string, unknown> = { labels: pod.metadata.labels, annotations: pod.metadata.annotations }
  let changed: Record<string, unknown> = spec
  if (!bare) {
    name = own ? given : nameFor(cmd)
    const { stdin, tty, ...was } = own ? (containers.find((c) => c.name === name) as Container) : ({ name, terminationMessagePolicy: 'File' } as Container)
    void stdin
    void tty
    const { image, ...typed } = debugger_(work, name)
    const { resources, terminationMessagePolicy, ...more } = typed
    void resources
    void terminationMessagePolicy
    const { args, ...withoutArgs } = was as Json
    const target = { ...(command.length > 0 && !flags.bool('arguments-only') ? withoutArgs : { ...withoutArgs, ...(args === undefined ? {} : { args }) }), ...more, ...(image === '' ? {} : { image }) } as unknown as Container
    containers = own ? containers.map((c) => (c.name === name ? target : c)) : [...containers, target]
    if (profile !== 'legacy') {
      containers = containers.map(({ livenessProbe, readinessProbe, startupProbe, ...c }) => ({ ...c, ...(keep('liveness') && livenessProbe ? { livenessProbe } : {}), ...(keep('readiness') && readinessProbe ? { readinessProbe } : {}), ...(keep('startup') && startupProbe ? { startupProbe } : {}) }) as Container)
      if (!keep('annotations')) kept = { labels: kept['labels'] }
      if (!keep('init-containers')) changed = withField(changed, ['initContainers'], undefined)
      if (changed['shareProcessNamespace'] === undefined) changed = { ...changed, shareProcessNamespace: true }
    }
    if (profile === 'legacy' || !keep('labels')) kept = withField(kept, ['labels'], undefined)
    containers = containers.map((c) => (c.name === name ? profiled(work, c, 'copy') : c))
    warnOfRoot(cmd, containers.find((c) => c.name === name) as Container, pod)
  }
  const made = create(cmd, pod.metadata.namespace ?? cmd.namespace, { apiVersion: 'v1', kind: 'Pod', metadata: { name: flags.string('copy-to'), namespace: pod.metadata.namespace, ...kept }, spec: { ...changed, containers } } as unknown as Thing)
  if (flags.bool('replace')) api.must({ verb: 'delete', path: `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}`, body: { gracePeriodSeconds: 0 } })
  return { pod: withField(made, ['kind'], 'Pod'), container: name }
}

function create({ api }: Invocation, namespace: string, pod: Thing): Thing {
  return api.must({ verb: 'create', path: `/api/v1/namespaces/${namespace}/pods`, body: pod, query: { fieldManager: 'kubectl-debug' } })
}

/** Waits until the container runs, and attaches to it when that was asked for. */
export function session(cmd: Invocation, pod: Thing, container: string): number {
  if (!(cmd.flags.has('attach') ? cmd.flags.bool('attach') : cmd.flags.bool('stdin'))) return 0
  const timeout = cmd.flags.duration('pod-running-timeout')
  const running = cmd.api.until(`/api/v1/namespaces/${pod.metadata.namespace}/pods`, pod.metadata.name, timeout || WEEK, (o) => {
    if (o === undefined) return 'gone' as const
    const status = ['containerStatuses', 'ephemeralContainerStatuses'].flatMap((k) => listAt<{ name: string; state?: Record<string, unknown> }>(o, 'status', k)).find((s) => s.name === container)
    if (status?.state?.['running'] || status?.state?.['terminated']) return o
    // Only `debug` says why it waits. Upstream: debug.go waitForContainer
    const message = textAt(status?.state?.['waiting'], 'message')
    if (timeout === 0 && !cmd.flags.bool('quiet') && message !== '') cmd.io.err(`Warning: container ${container}: ${message}\n`)
    return undefined
  })
  if (running === undefined) throw fail('timed out waiting for the condition')
  if (running === 'gone') throw fail(`pods "${pod.metadata.name}" not found`)
  // What has ended already is only read. Upstream: run.go handleAttachPod
  if (running.status?.['phase'] === 'Succeeded' || running.status?.['phase'] === 'Failed') {
    follow(cmd, running, container)
    return 0
  }
  return attachTo(cmd, running, container)
}
