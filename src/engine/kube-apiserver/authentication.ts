import type { KubeObject } from '../apimachinery'
import type { Credentials } from '../client-go'
import { SECOND } from '../sim'
import type { UserInfo } from './flight'
import { apiAudience, claimsOf } from './token'

const known = new Map<string, UserInfo>()
const mostKnown = 10_000

/**
 * The groups that a client's credentials carry. Certificates of nodes and components name their user; service accounts are in their
 * namespace's group. Upstream: apiserver/pkg/authentication/{request/x509,serviceaccount}
 */
export function authenticate(user: string): UserInfo {
  const found = known.get(user)
  if (found) return found
  const info: UserInfo = Object.freeze({ name: user, groups: Object.freeze(groupsOf(user)) })
  // A memo of a pure function, not state.
  if (known.size >= mostKnown) known.clear()
  known.set(user, info)
  return info
}

function groupsOf(user: string): string[] {
  if (user === '' || user === 'system:anonymous') return ['system:unauthenticated']
  // As kubeadm writes it into admin.conf; a ClusterRoleBinding of the same name gives the power.
  if (user === 'kubernetes-admin') return ['kubeadm:cluster-admins', 'system:authenticated']
  if (user === 'system:apiserver') return ['system:authenticated', 'system:masters']
  if (user.startsWith('system:node:')) return ['system:nodes', 'system:authenticated']
  if (user.startsWith('system:serviceaccount:')) return ['system:serviceaccounts', `system:serviceaccounts:${user.split(':')[2]}`, 'system:authenticated']
  return ['system:authenticated']
}

/** Where the server looks up what tokens are bound to. */
export interface TokenLookup {
  get(resource: string, namespace: string, name: string): KubeObject | undefined
}

/** Who a request's own credentials say it is; a text tells why that is nobody known. Upstream: apiserver/pkg/authentication/request/{bearertoken,x509,anonymous} */
export function identify({ token, subject }: Credentials, lookup: TokenLookup, now: number): UserInfo | string {
  if (token !== undefined) return tokenUser(token, lookup, now)
  if (subject === undefined || subject.name === '') return authenticate('system:anonymous')
  return { name: subject.name, groups: [...subject.groups, 'system:authenticated'], impersonated: true }
}

const extra = 'authentication.kubernetes.io'

/** Whose token it is; a text tells why it is nobody's. Upstream: pkg/serviceaccount/{jwt,claims}.go */
export function tokenUser(token: string, lookup: TokenLookup, now: number): UserInfo | string {
  const claims = claimsOf(token)
  if (claims === undefined) return 'invalid bearer token'
  const { namespace, serviceaccount, pod, secret, node } = claims['kubernetes.io']
  if (!claims.aud.includes(apiAudience)) return `token audiences ${JSON.stringify(claims.aud)} is invalid for the target audiences ["${apiAudience}"]`
  if (claims.exp * SECOND < now) return 'service account token has expired'
  const stale = (resource: string, ref: { readonly name: string; readonly uid?: string | undefined } | undefined): boolean => ref !== undefined && lookup.get(resource, namespace, ref.name)?.metadata.uid !== ref.uid
  if (stale('serviceaccounts', serviceaccount) || stale('pods', pod) || stale('secrets', secret)) return 'service account token has been invalidated'
  return {
    ...authenticate(claims.sub), uid: serviceaccount.uid,
    extra: {
      [`${extra}/credential-id`]: [`JTI=${claims.jti}`], ...(node === undefined ? {} : { [`${extra}/node-name`]: [node.name], [`${extra}/node-uid`]: [node.uid ?? ''] }),
      ...(pod === undefined ? {} : { [`${extra}/pod-name`]: [pod.name], [`${extra}/pod-uid`]: [pod.uid ?? ''] }),
    },
  }
}

/** Whom a request impersonates. Upstream: apiserver/pkg/endpoints/filters/impersonation.go */
export function impersonated(user: string, groups: readonly string[] | undefined): UserInfo {
  if (groups === undefined || groups.length === 0) {
    const own = user.startsWith('system:serviceaccount:') ? groupsOf(user) : user === 'system:anonymous' ? ['system:unauthenticated'] : ['system:authenticated']
    return { name: user, groups: own, impersonated: true }
  }
  const missing = user !== 'system:anonymous' && !groups.includes('system:authenticated') && !groups.includes('system:unauthenticated')
  return { name: user, groups: missing ? [...groups, 'system:authenticated'] : groups, impersonated: true }
}
