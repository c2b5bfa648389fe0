import type { Container, PodSpec, PodSecurityContext, SecurityContext } from '../../../api'
import type { KubeObject } from '../../../apimachinery'

/** What a check finds: a reason, and who is to blame. */
export interface Violation {
  readonly reason: string
  readonly detail: string
}

/** One rule of a level. `overlap`: the restricted level has a stricter one in its place. */
export interface Check {
  readonly level: 'baseline' | 'restricted'
  readonly overlap?: boolean
  readonly check: (spec: PodSpec, metadata: KubeObject['metadata']) => Violation | undefined
}

const quote = (names: readonly string[]): string => names.map((n) => `"${n}"`).join(', ')
const plural = (one: string, many: string, n: number): string => (n === 1 ? one : many)
const unique = (values: readonly string[]): string[] => [...new Set(values)].sort()
const containersText = (names: readonly string[]): string => `${plural('container', 'containers', names.length)} ${quote(names)}`

function containers(spec: PodSpec): Container[] {
  return [...(spec.initContainers ?? []), ...spec.containers, ...((spec.ephemeralContainers ?? []) as Container[])]
}

const naming = (spec: PodSpec, test: (c: Container) => boolean): string[] => containers(spec).filter(test).map((c) => c.name)

/** Who sets a forbidden value: the pod, containers, or both; `value` answers the bad value or undefined. */
function setters(spec: PodSpec, value: (sc: PodSecurityContext & SecurityContext) => string | undefined): { readonly who: string; readonly values: string[] } | undefined {
  const values: string[] = []
  const bad = (sc: PodSecurityContext | SecurityContext | undefined | null): boolean => {
    const v = sc == null ? undefined : value(sc as PodSecurityContext & SecurityContext)
    if (v !== undefined) values.push(v)
    return v !== undefined
  }
  const who: string[] = bad(spec.securityContext) ? ['pod'] : []
  const names = naming(spec, (c) => bad(c.securityContext))
  if (names.length > 0) who.push(containersText(names))
  return who.length === 0 ? undefined : { who: who.join(' and '), values: unique(values) }
}

const simple = (reason: string, test: (c: Container) => boolean, must: string): Check['check'] => (spec) => {
  const names = naming(spec, test)
  return names.length === 0 ? undefined : { reason, detail: `${containersText(names)} ${must}` }
}

const defaultCapabilities = new Set(['AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD', 'NET_BIND_SERVICE', 'SETFCAP', 'SETGID', 'SETPCAP', 'SETUID', 'SYS_CHROOT'])
const safeSysctls = new Set(['kernel.shm_rmid_forced', 'net.ipv4.ip_local_port_range', 'net.ipv4.tcp_syncookies', 'net.ipv4.ping_group_range', 'net.ipv4.ip_unprivileged_port_start', 'net.ipv4.ip_local_reserved_ports', 'net.ipv4.tcp_keepalive_time', 'net.ipv4.tcp_fin_timeout', 'net.ipv4.tcp_keepalive_intvl', 'net.ipv4.tcp_keepalive_probes', 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem'])
const plainVolumes = new Set(['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'persistentVolumeClaim', 'projected', 'secret', 'image'])
const seLinuxTypes = new Set(['', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t'])

/** Capabilities that may not be added, with the containers that add them. */
function added(spec: PodSpec, allowed: (c: string) => boolean): string | undefined {
  const bad: string[] = []
  const names = naming(spec, (c) => {
    const wrong = (c.securityContext?.capabilities?.add ?? []).filter((x) => !allowed(x))
    bad.push(...wrong)
    return wrong.length > 0
  })
  return names.length === 0 ? undefined : `${containersText(names)} must not include ${quote(unique(bad))} in securityContext.capabilities.add`
}

function hosts(c: Container): string[] {
  const of = (h: { httpGet?: { host?: string }; tcpSocket?: { host?: string } } | undefined | null): (string | undefined)[] => [h?.httpGet?.host, h?.tcpSocket?.host]
  return [...of(c.livenessProbe), ...of(c.readinessProbe), ...of(c.startupProbe), ...of(c.lifecycle?.postStart), ...of(c.lifecycle?.preStop)].filter((h): h is string => !!h)
}

const seccompBad = (sc: { seccompProfile?: { type?: string } }): string | undefined => {
  const type = sc.seccompProfile?.type
  return type === undefined || type === 'RuntimeDefault' || type === 'Localhost' ? undefined : type
}

function seccomp(spec: PodSpec): Violation | undefined {
  const bad = setters(spec, seccompBad)
  return bad && { reason: 'seccompProfile', detail: `${bad.who} must not set securityContext.seccompProfile.type to ${quote(bad.values)}` }
}

/** The rules in the order in which their findings are told. Upstream: pod-security-admission/policy/check_*.go */
export const checks: readonly Check[] = [
  { level: 'restricted', check: simple('allowPrivilegeEscalation != false', (c) => c.securityContext?.allowPrivilegeEscalation !== false, 'must set securityContext.allowPrivilegeEscalation=false') },
  {
    level: 'baseline',
    check(spec) {
      const bad = setters(spec, ({ appArmorProfile: p }) => (p == null || p.type === 'RuntimeDefault' || p.type === 'Localhost' ? undefined : p.type))
      return bad && { reason: plural('forbidden AppArmor profile', 'forbidden AppArmor profiles', bad.values.length), detail: `${bad.who} must not set AppArmor profile type to ${quote(bad.values)}` }
    },
  },
  {
    level: 'baseline', overlap: true,
    check(spec) {
      const detail = added(spec, (c) => defaultCapabilities.has(c))
      return detail === undefined ? undefined : { reason: 'non-default capabilities', detail }
    },
  },
  {
    level: 'restricted',
    check(spec) {
      const keeping = naming(spec, (c) => !c.securityContext?.capabilities?.drop?.includes('ALL'))
      const details = keeping.length === 0 ? [] : [`${containersText(keeping)} must set securityContext.capabilities.drop=["ALL"]`]
      const more = added(spec, (c) => c === 'NET_BIND_SERVICE')
      if (more !== undefined) details.push(more)
      return details.length === 0 ? undefined : { reason: 'unrestricted capabilities', detail: details.join('; ') }
    },
  },
  {
    level: 'baseline',
    check(spec) {
      const set = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((k) => spec[k])
      return set.length === 0 ? undefined : { reason: 'host namespaces', detail: set.map((k) => `${k}=true`).join(', ') }
    },
  },
  {
    level: 'baseline', overlap: true,
    check(spec) {
      const names = (spec.volumes ?? []).filter((v) => v.hostPath != null).map((v) => v.name)
      return names.length === 0 ? undefined : { reason: 'hostPath volumes', detail: `${plural('volume', 'volumes', names.length)} ${quote(names)}` }
    },
  },
  {
    level: 'baseline',
    check(spec) {
      const ports: string[] = []
      const names = naming(spec, (c) => {
        const own = (c.ports ?? []).filter((p) => p.hostPort).map((p) => String(p.hostPort))
        ports.push(...own)
        return own.length > 0
      })
      const all = unique(ports)
      return names.length === 0 ? undefined : { reason: 'hostPort', detail: `${containersText(names)} ${plural('uses', 'use', names.length)} ${plural('hostPort', 'hostPorts', all.length)} ${all.join(', ')}` }
    },
  },
  {
    level: 'baseline',
    check(spec) {
      const names = naming(spec, (c) => hosts(c).length > 0)
      const all = unique(containers(spec).flatMap(hosts))
      return names.length === 0 ? undefined : { reason: 'probe or lifecycle host', detail: `${containersText(names)} ${plural('uses', 'use', names.length)} probe or lifecycle ${plural('host', 'hosts', all.length)} ${quote(all)}` }
    },
  },
  { level: 'baseline', check: simple('privileged', (c) => c.securityContext?.privileged === true, 'must not set securityContext.privileged=true') },
  {
    level: 'baseline',
    check(spec) {
      const kinds: string[] = []
      const names = naming(spec, ({ securityContext: sc }) => sc?.procMount != null && sc.procMount !== 'Default' && kinds.push(sc.procMount) > 0)
      return names.length === 0 ? undefined : { reason: 'procMount', detail: `${containersText(names)} must not set securityContext.procMount to ${quote(unique(kinds))}` }
    },
  },
  {
    level: 'restricted',
    check(spec) {
      const types: string[] = []
      const names: string[] = []
      for (const v of spec.volumes ?? []) {
        const type = Object.keys(v).find((k) => k !== 'name') ?? 'unknown'
        if (plainVolumes.has(type)) continue
        names.push(v.name)
        types.push(type)
      }
      const all = unique(types)
      return names.length === 0 ? undefined : { reason: 'restricted volume types', detail: `${plural('volume', 'volumes', names.length)} ${quote(names)} ${plural('uses', 'use', names.length)} restricted volume ${plural('type', 'types', all.length)} ${quote(all)}` }
    },
  },
  {
    level: 'restricted',
    check(spec) {
      const bad = setters(spec, (sc) => (sc.runAsNonRoot === false ? 'false' : undefined))
      if (bad) return { reason: 'runAsNonRoot != true', detail: `${bad.who} must not set securityContext.runAsNonRoot=false` }
      const silent = spec.securityContext?.runAsNonRoot ? [] : naming(spec, (c) => c.securityContext?.runAsNonRoot == null)
      return silent.length === 0 ? undefined : { reason: 'runAsNonRoot != true', detail: `pod or ${containersText(silent)} must set securityContext.runAsNonRoot=true` }
    },
  },
  {
    level: 'restricted',
    check(spec) {
      const bad = setters(spec, (sc) => (sc.runAsUser === 0 ? '0' : undefined))
      return bad && { reason: 'runAsUser=0', detail: `${bad.who} must not set runAsUser=0` }
    },
  },
  {
    level: 'baseline',
    check(spec) {
      const details = new Set<string>()
      const bad = setters(spec, ({ seLinuxOptions: o }) => {
        if (o == null) return undefined
        const wrong = [...(seLinuxTypes.has(o.type ?? '') ? [] : [`type "${o.type}"`]), ...(o.user ? ['user may not be set'] : []), ...(o.role ? ['role may not be set'] : [])]
        for (const w of wrong) details.add(w)
        return wrong.length > 0 ? '' : undefined
      })
      return bad && { reason: 'seLinuxOptions', detail: `${bad.who} set forbidden securityContext.seLinuxOptions: ${[...details].join('; ')}` }
    },
  },
  { level: 'baseline', overlap: true, check: seccomp },
  {
    level: 'restricted',
    check(spec) {
      const bad = seccomp(spec)
      if (bad) return bad
      const silent = spec.securityContext?.seccompProfile?.type !== undefined ? [] : naming(spec, (c) => c.securityContext?.seccompProfile?.type === undefined)
      return silent.length === 0 ? undefined : { reason: 'seccompProfile', detail: `pod or ${containersText(silent)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"` }
    },
  },
  {
    level: 'baseline',
    check(spec) {
      const names = (spec.securityContext?.sysctls ?? []).map((s) => s.name).filter((n) => !safeSysctls.has(n))
      return names.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: names.join(', ') }
    },
  },
  {
    level: 'baseline',
    check(spec) {
      const bad = setters(spec, (sc) => (sc.windowsOptions?.hostProcess ? '' : undefined))
      return bad && { reason: 'hostProcess', detail: `${bad.who} must not set securityContext.windowsOptions.hostProcess=true` }
    },
  },
]

/** What a pod breaks of a level. Upstream: policy/registry.go EvaluatePod */
export function evaluate(level: string, spec: PodSpec, metadata: KubeObject['metadata']): Violation[] {
  if (level === 'privileged') return []
  const found: Violation[] = []
  const run = (which: (c: Check) => boolean): void => {
    for (const c of checks) if (which(c)) {
      const v = c.check(spec, metadata)
      if (v) found.push(v)
    }
  }
  run((c) => c.level === 'baseline' && !c.overlap)
  run((c) => (level === 'baseline' ? c.overlap === true : c.level === 'restricted'))
  return found
}
