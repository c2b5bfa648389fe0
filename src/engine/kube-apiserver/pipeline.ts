import { internalError, methodNotSupported, requestEntityTooLarge, type KubeObject, type Status } from '../apimachinery'
import { parsePath, type ApiRequest, type RequestMessage } from '../client-go'
import type { Ctx } from '../sim'
import { aggregate } from './aggregation'
import { authenticate, identify, impersonated } from './authentication'
import { authorize } from './authorization'
import { findServedIn, isTerminating, keptAs, toVersion } from './custom-resources'
import { storedVersion, toStoredVersion } from './old-versions'
import { jsonSize, mostBodyBytes } from './decode'
import { discover, nothingHere, serverVersion } from './discovery'
import { newFlight, type Flight } from './flight'
import { asBody, healthOf, metricsOf } from './health'
import { answerComputed } from './handlers/computed'
import { create } from './handlers/create'
import { remove } from './handlers/delete'
import { removeCollection } from './handlers/delete-collection'
import { evict } from './handlers/eviction'
import { proxyToKubelet } from './handlers/proxy'
import { proxyHttp } from './handlers/proxy-http'
import { read } from './handlers/read'
import { answerReview, findReview, requestToken } from './handlers/review'
import { update } from './handlers/update'
import { watch } from './handlers/watch'
import { methodOf, readStages, refuse, respond, workTime, writeStages } from './respond'
import { isOff, servedResources, type Served } from './served'
import type { ServerState } from './state'

const nobody = authenticate('system:anonymous')

/** Upstream: apiserver/pkg/endpoints/filters/authentication.go Unauthorized */
const unauthorized: Status = { apiVersion: 'v1', code: 401, kind: 'Status', metadata: {}, message: 'Unauthorized', reason: 'Unauthorized', status: 'Failure' }

/** Takes a request through authentication and authorization to its handler. Upstream: apiserver/pkg/server/config.go DefaultBuildHandlerChain */
export function handleRequest(state: ServerState, message: RequestMessage, ctx: Ctx): void {
  const { request } = message
  const path = message.path ?? parsePath(request.path)
  const who = request.credentials === undefined ? authenticate(request.user) : identify(request.credentials, state.cache, ctx.wallMicros())
  const flight = newFlight(message.from, message.id, request, typeof who === 'string' ? nobody : who, ctx)
  flight.storage = path.resource
  flight.namespace = path.namespace
  flight.name = path.name
  flight.subresource = path.subresource
  flight.stages = readStages
  if (typeof who === 'string') return refuse(state, flight, ctx, unauthorized, 'authentication', workTime(readStages, ctx))
  const isResource = path.resource !== ''
  const denied = impersonate(state, flight) ?? authorize(
    { user: flight.user, verb: request.verb, isResource, group: path.group, resource: path.resource, subresource: path.subresource.replace(/\/.*/, ''), namespace: path.namespace, name: path.name === '' ? selectedName(request) : path.name, path: request.path, fieldSelector: request.query?.fieldSelector }, state.cache, state.settings.authorizationModes,
  )
  if (denied) return refuse(state, flight, ctx, denied, 'authorization', workTime(readStages, ctx))
  const stored = storedVersion(path)
  if (stored !== undefined) {
    flight.old = true
    flight.request = toStoredVersion(request, path)
  }
  const served = isResource ? findServedIn(state.cache, stored?.group ?? path.group, stored?.version ?? path.version, path.resource) : undefined
  if (served === undefined || isOff(served, state.settings.gated)) {
    if (aggregate(state, flight, ctx)) return
    const review = isResource ? findReview(path) : undefined
    if (review) return answerReview(state, flight, review, ctx)
    return isResource && answerComputed(state, flight, path, ctx) ? undefined : outside(state, flight, ctx)
  }
  flight.storage = served.storage
  if (served.custom !== undefined) return custom(state, flight, served, ctx)
  go(state, flight, served, path.namespace, ctx)
}

/** Custom objects are kept in one version and answered in the one that was asked for. */
function custom(state: ServerState, flight: Flight, asked: Served, ctx: Ctx): void {
  const { request } = flight
  const kept = keptAs(state.cache, asked)
  flight.asVersion = asked.apiVersion
  if (kept.apiVersion !== asked.apiVersion) flight.request = toVersion(request, asked.apiVersion, kept.apiVersion)
  if (request.verb === 'create' && flight.subresource === '' && isTerminating(state.cache, asked)) {
    const status = methodNotSupported(asked.gr, 'create')
    return refuse(state, flight, ctx, { ...status, message: 'create not allowed while custom resource definition is terminating' }, 'registry', workTime(readStages, ctx))
  }
  if (asked.strategy.deprecated !== undefined && asked !== kept) flight.warnings.push(asked.strategy.deprecated)
  go(state, flight, kept, flight.namespace, ctx, asked)
}

function go(state: ServerState, flight: Flight, served: Served, namespace: string, ctx: Ctx, asked = served): void {
  const { request } = flight
  if (asked === served && served.strategy.deprecated !== undefined) flight.warnings.push(served.strategy.deprecated)
  // A namespace is in its own namespace, as far as paths and authorization go.
  if (!served.info.namespaced && namespace !== '') return refuse(state, flight, ctx, nothingHere, 'registry', workTime(readStages, ctx))
  if (request.body !== undefined && tooLarge(flight)) {
    return refuse(state, flight, ctx, requestEntityTooLarge(`limit is ${mostBodyBytes}`), 'validation', workTime(writeStages, ctx))
  }
  if (flight.subresource !== '') return subresource(state, flight, served, ctx)
  main(state, flight, served, ctx)
}

/** A list or watch of one object is authorized by its name. Upstream: apiserver/pkg/endpoints/request/requestinfo.go */
function selectedName({ verb, query }: ApiRequest): string {
  if (query?.fieldSelector === undefined || (verb !== 'list' && verb !== 'watch' && verb !== 'deletecollection')) return ''
  return /(?:^|,)metadata\.name==?([^,]+)/.exec(query.fieldSelector)?.[1] ?? ''
}

/** Takes the place of whom the request impersonates, if its user may. Upstream: apiserver/pkg/endpoints/filters/impersonation.go */
function impersonate(state: ServerState, flight: Flight): Status | undefined {
  const { impersonate: as } = flight.request
  if (as === undefined) return undefined
  if (as.user === '') {
    const text = 'requested [] without impersonating a user'
    return { ...internalError(text), message: text }
  }
  const [, , namespace, account] = as.user.startsWith('system:serviceaccount:') ? as.user.split(':') : []
  const wanted: [group: string, resource: string, subresource: string, namespace: string, name: string][] = [account === undefined ? ['', 'users', '', '', as.user] : ['', 'serviceaccounts', '', namespace as string, account]]
  for (const g of as.groups ?? []) wanted.push(['', 'groups', '', '', g])
  for (const k of Object.keys(as.extra ?? {}).sort()) for (const v of as.extra?.[k] ?? []) wanted.push(['authentication.k8s.io', 'userextras', k, '', v])
  if (as.uid) wanted.push(['authentication.k8s.io', 'uids', '', '', as.uid])
  for (const [group, resource, subresource, ns, name] of wanted) {
    const denied = authorize({ user: flight.user, verb: 'impersonate', isResource: true, group, resource, subresource, namespace: ns, name, path: '' }, state.cache, state.settings.authorizationModes)
    if (denied) return denied
  }
  flight.user = { ...impersonated(as.user, as.groups), ...(as.uid ? { uid: as.uid } : {}), ...(as.extra ? { extra: as.extra } : {}) }
  return undefined
}

/** Components send small bodies; only those of others are measured. */
function tooLarge(flight: Flight): boolean {
  return !flight.user.name.startsWith('system:') && jsonSize(flight.request.body, mostBodyBytes) > mostBodyBytes
}

function outside(state: ServerState, flight: Flight, ctx: Ctx): void {
  const delay = workTime(readStages, ctx)
  const { path, query } = flight.request
  const text = healthOf(path, query) ?? (path === '/metrics' ? metricsOf(state, serverVersion.gitVersion, [...servedResources()].map((s) => s.storage).sort()) : undefined)
  const body = text === undefined ? discover(path, state.cache, state.settings.gated) : asBody(text)
  if (body === undefined) return refuse(state, flight, ctx, nothingHere, 'registry', delay)
  respond(state, flight, ctx, 200, body as KubeObject, undefined, delay)
}

function main(state: ServerState, flight: Flight, served: Served, ctx: Ctx): void {
  const named = flight.name !== ''
  const needsNamespace = served.info.namespaced && flight.namespace === ''
  switch (flight.request.verb) {
    case 'get':
      if (named && !needsNamespace) return read(state, flight, served, ctx)
      break
    case 'list':
      if (!named) return read(state, flight, served, ctx)
      break
    case 'watch':
      return watch(state, flight, served, ctx)
    case 'create':
      if (!named && !needsNamespace) return create(state, flight, served, ctx)
      break
    case 'update':
    case 'patch':
      if (named && !needsNamespace) return update(state, flight, served, ctx)
      break
    case 'delete':
      if (named && !needsNamespace) return remove(state, flight, served, ctx)
      break
    case 'deletecollection':
      if (!named && !needsNamespace) return removeCollection(state, flight, served, ctx)
      break
  }
  notAllowed(state, flight, ctx)
}

function subresource(state: ServerState, flight: Flight, served: Served, ctx: Ctx): void {
  const { verb } = flight.request
  const sub = flight.subresource
  if (served.storage === 'serviceaccounts' && sub === 'token' && verb === 'create') return requestToken(state, flight, ctx)
  if ((served.storage === 'pods' || served.storage === 'services') && /^proxy(\/|$)/.test(sub)) return proxyHttp(state, flight, served, ctx)
  const builtIn = served.storage === 'pods' && (sub === 'binding' || sub === 'eviction' || sub === 'log' || sub === 'exec' || sub === 'attach' || sub === 'portforward')
  if (!builtIn && !served.strategy.subresources.includes(sub)) return refuse(state, flight, ctx, nothingHere, 'registry', workTime(readStages, ctx))
  if (builtIn) {
    if (sub === 'binding' && verb === 'create') return update(state, flight, served, ctx)
    if (sub === 'eviction' && verb === 'create') return evict(state, flight, served, ctx)
    if (sub !== 'binding' && sub !== 'eviction' && (verb === 'get' || verb === 'create')) return proxyToKubelet(state, flight, served, ctx)
  } else if (verb === 'get') return read(state, flight, served, ctx)
  else if (verb === 'update' || verb === 'patch') return update(state, flight, served, ctx)
  notAllowed(state, flight, ctx)
}

function notAllowed(state: ServerState, flight: Flight, ctx: Ctx): void {
  const status = methodNotSupported({ group: '', resource: flight.storage }, methodOf(flight.request.verb))
  refuse(state, flight, ctx, { ...status, message: 'the server does not allow this method on the requested resource' }, 'registry', workTime(readStages, ctx))
}
