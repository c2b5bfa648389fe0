import type { Container, LifecycleHandler, Probe } from '../../../api'
import { forbidden, invalid, notSupported, required, type FieldError } from '../../../apimachinery'
import { nonNegative, portNumberOrName } from './numbers'

type Handler = LifecycleHandler & Pick<Probe, 'grpc'>

/** One way to ask or act: exec, httpGet, tcpSocket, grpc or sleep. Upstream: core validation validateHandler. */
function validateHandler(handler: Handler, grace: number, path: string): FieldError[] {
  const errors: FieldError[] = []
  let found = 0
  const isFirst = (name: string): boolean => {
    if (found++ === 0) return true
    errors.push(forbidden(`${path}.${name}`, 'may not specify more than 1 handler type'))
    return false
  }
  if (handler.exec != null && isFirst('exec') && (handler.exec.command ?? []).length === 0) errors.push(required(`${path}.exec.command`))
  if (handler.httpGet != null && isFirst('httpGet')) {
    const { httpGet } = handler
    if (!httpGet.path) errors.push(required(`${path}.httpGet.path`))
    errors.push(...portNumberOrName(httpGet.port, `${path}.httpGet.port`))
    if (httpGet.scheme !== 'HTTP' && httpGet.scheme !== 'HTTPS') errors.push(notSupported(`${path}.httpGet.scheme`, httpGet.scheme ?? '', ['HTTP', 'HTTPS']))
    for (const header of httpGet.httpHeaders ?? []) {
      if (!/^[-A-Za-z0-9]+$/.test(header.name)) {
        errors.push(invalid(`${path}.httpGet.httpHeaders`, header.name,
          "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')"))
      }
    }
  }
  if (handler.tcpSocket != null && isFirst('tcpSocket')) errors.push(...portNumberOrName(handler.tcpSocket.port, `${path}.tcpSocket.port`))
  if (handler.grpc != null && isFirst('grpc')) errors.push(...portNumberOrName(handler.grpc.port, `${path}.grpc.port`))
  if (handler.sleep != null && isFirst('sleep')) {
    const { seconds } = handler.sleep
    if (seconds < 0 || seconds > grace) errors.push(invalid(`${path}.sleep`, seconds, `must be non-negative and less than terminationGracePeriodSeconds (${grace})`))
  }
  if (found === 0) errors.push(required(path, 'must specify a handler type'))
  return errors
}

function validateProbe(probe: Probe, grace: number, path: string): FieldError[] {
  const errors = validateHandler(probe as Handler, grace, path)
  for (const field of ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'] as const) {
    errors.push(...nonNegative(probe[field], `${path}.${field}`))
  }
  const own = probe.terminationGracePeriodSeconds
  if (own != null && own <= 0) errors.push(invalid(`${path}.terminationGracePeriodSeconds`, own, 'must be greater than 0'))
  return errors
}

/** The three probes of a container. Upstream: validateLivenessProbe, validateReadinessProbe, validateStartupProbe. */
export function validateProbes(c: Container, grace: number, path: string): FieldError[] {
  const errors: FieldError[] = []
  for (const field of ['livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
    const probe = c[field]
    if (probe == null) continue
    const at = `${path}.${field}`
    errors.push(...validateProbe(probe, grace, at))
    if (field === 'readinessProbe') {
      if (probe.terminationGracePeriodSeconds != null) {
        errors.push(invalid(`${at}.terminationGracePeriodSeconds`, probe.terminationGracePeriodSeconds, 'must not be set for readinessProbes'))
      }
    } else if (probe.successThreshold !== 1) errors.push(invalid(`${at}.successThreshold`, probe.successThreshold, 'must be 1'))
  }
  return errors
}

/** Hooks after start and before stop. Upstream: validateLifecycle. */
export function validateLifecycle(c: Container, grace: number, path: string): FieldError[] {
  const errors: FieldError[] = []
  const { lifecycle } = c
  if (lifecycle?.postStart != null) errors.push(...validateHandler(lifecycle.postStart, grace, `${path}.lifecycle.postStart`))
  if (lifecycle?.preStop != null) errors.push(...validateHandler(lifecycle.preStop, grace, `${path}.lifecycle.preStop`))
  return errors
}
