import type { Ingress, IngressClass } from '../../api'
import { defaultClass } from './default-class'
import type { AdmissionPlugin } from './plugin'

/** An Ingress that names no class gets the default one, if there is one. Upstream: plugin/pkg/admission/network/defaultingressclass */
export const defaultIngressClass: AdmissionPlugin = {
  name: 'DefaultIngressClass',
  resources: ['ingresses'],
  admit({ operation, subresource, object, write }) {
    if (operation !== 'CREATE' || subresource !== '') return undefined
    const ingress = object as Ingress
    if (ingress.spec?.ingressClassName !== undefined || ingress.metadata.annotations?.['kubernetes.io/ingress.class'] !== undefined) return undefined
    const found = defaultClass(write.list('ingressclasses') as Iterable<IngressClass>, ['ingressclass.kubernetes.io/is-default-class'])
    if (found !== undefined) ingress.spec = { ...ingress.spec, ingressClassName: found }
    return undefined
  },
}
