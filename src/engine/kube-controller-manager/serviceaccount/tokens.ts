import { resourcePath, type Secret, type ServiceAccount } from '../../api'
import { base64OfText } from '../../apimachinery'
import type { Controller } from '../controller'
import { deleteObject, getObject, updateObject } from '../requests'
import { certificate } from '.'

const accountName = 'kubernetes.io/service-account.name'
const accountUid = 'kubernetes.io/service-account.uid'

/** Until it is deleted with its Secret. Units: s. */
const forEver = 2 ** 32

/** Whose token a Secret is for; undefined: it is no such Secret. */
const accountOf = (secret: Secret | undefined): string | undefined => (secret?.type === 'kubernetes.io/service-account-token' ? secret.metadata.annotations?.[accountName] : undefined)

/**
 * Fills Secrets of type service-account-token, and deletes those of accounts that are gone. Upstream: pkg/controller/serviceaccount/tokens_controller.go;
 * it signs the tokens itself, here the API server does, bound to the Secret.
 */
export const tokensController: Controller<null> = {
  name: 'serviceaccount-token', component: 'token-controller', account: '', resource: 'secrets', workers: 5,
  informers: [{ resource: 'secrets' }, { resource: 'serviceaccounts' }],
  start: () => null,
  onDelta(delta, env) {
    const { namespace = '', name } = delta.object.metadata
    if (delta.resource === 'secrets') {
      if (delta.type !== 'deleted' && accountOf(delta.object as Secret) !== undefined) env.enqueue(`${namespace}/${name}`)
    } else if (delta.type !== 'updated') for (const secret of env.cache<Secret>('secrets').list()) if (secret.metadata.namespace === namespace && accountOf(secret) === name) env.enqueue(`${namespace}/${secret.metadata.name}`)
  },
  reconcile(key, env) {
    const [namespace = '', name = ''] = key.split('/')
    const secret = env.cache<Secret>('secrets').get(namespace, name)
    const owner = accountOf(secret)
    if (secret === undefined || owner === undefined) return []
    const account = env.cache<ServiceAccount>('serviceaccounts').get(namespace, owner)
    // The cache may be behind: whether the account is gone is asked.
    if (account === undefined) return [getObject('serviceaccounts', namespace, owner, { ignore: ['NotFound'], tag: 'account' })]
    const uid = secret.metadata.annotations?.[accountUid]
    if (uid && uid !== account.metadata.uid) return [deleteObject('secrets', secret, {}, { ignore: ['NotFound'] })]
    if (secret.data?.['token'] && secret.data['ca.crt'] && secret.data['namespace'] && uid) return []
    const boundObjectRef = { apiVersion: 'v1', kind: 'Secret', name, uid: secret.metadata.uid }
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { audiences: [], expirationSeconds: forEver, boundObjectRef } }
    return [{ do: 'request', request: { verb: 'create', path: resourcePath('serviceaccounts', namespace, owner, 'token'), body }, tag: 'token' }]
  },
  onResponse(key, tag, response, env) {
    const [namespace = '', name = ''] = key.split('/')
    const secret = env.cache<Secret>('secrets').get(namespace, name)
    if (secret === undefined) return
    if (tag === 'account') return { intents: response.code === 404 ? [deleteObject('secrets', secret, {}, { ignore: ['NotFound'] })] : [{ do: 'requeue-rate-limited' }] }
    const token = (response.body as { readonly status?: { readonly token?: string } }).status?.token
    if (tag !== 'token' || token === undefined) return
    const account = env.cache<ServiceAccount>('serviceaccounts').get(namespace, accountOf(secret) ?? '')
    const annotations = { ...secret.metadata.annotations, [accountUid]: account?.metadata.uid ?? '' }
    const data = { ...secret.data, 'ca.crt': base64OfText(certificate), namespace: base64OfText(namespace), token: base64OfText(token) }
    return { intents: [updateObject('secrets', { ...secret, metadata: { ...secret.metadata, annotations }, data } as never)] }
  },
}
