import { at, listAt, type Api, type Thing } from './api'
import { fail } from './errors'

/** A kind and where it lives. Upstream: meta.RESTMapping */
export interface Mapping {
  readonly resource: string
  readonly kind: string
  readonly group: string
  readonly version: string
  readonly namespaced: boolean
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly custom?: boolean
}

// What a real kubectl keeps in ~/.kube/cache/discovery: per group-version, `plural=short Kind`; `-` marks cluster scope, `!` what the model does not serve.
const DISCOVERY = `
v1: !bindings Binding, -componentstatuses=cs ComponentStatus, configmaps=cm ConfigMap, endpoints=ep Endpoints, events=ev Event, limitranges=limits LimitRange, -namespaces=ns Namespace, -nodes=no Node, persistentvolumeclaims=pvc PersistentVolumeClaim, -persistentvolumes=pv PersistentVolume, pods=po Pod, podtemplates PodTemplate, replicationcontrollers=rc ReplicationController, resourcequotas=quota ResourceQuota, secrets Secret, serviceaccounts=sa ServiceAccount, services=svc Service
admissionregistration.k8s.io/v1: -mutatingadmissionpolicies MutatingAdmissionPolicy, -mutatingadmissionpolicybindings MutatingAdmissionPolicyBinding, -mutatingwebhookconfigurations MutatingWebhookConfiguration, -validatingadmissionpolicies ValidatingAdmissionPolicy, -validatingadmissionpolicybindings ValidatingAdmissionPolicyBinding, -validatingwebhookconfigurations ValidatingWebhookConfiguration
apiextensions.k8s.io/v1: -customresourcedefinitions=crd,crds CustomResourceDefinition
apiregistration.k8s.io/v1: -apiservices APIService
apps/v1: controllerrevisions ControllerRevision, daemonsets=ds DaemonSet, deployments=deploy Deployment, replicasets=rs ReplicaSet, statefulsets=sts StatefulSet
authentication.k8s.io/v1: -selfsubjectreviews SelfSubjectReview, -tokenreviews TokenReview
authorization.k8s.io/v1: localsubjectaccessreviews LocalSubjectAccessReview, -selfsubjectaccessreviews SelfSubjectAccessReview, -selfsubjectrulesreviews SelfSubjectRulesReview, -subjectaccessreviews SubjectAccessReview
autoscaling/v2: horizontalpodautoscalers=hpa HorizontalPodAutoscaler
batch/v1: cronjobs=cj CronJob, jobs Job
certificates.k8s.io/v1: -certificatesigningrequests=csr CertificateSigningRequest
coordination.k8s.io/v1: leases Lease
discovery.k8s.io/v1: endpointslices EndpointSlice
events.k8s.io/v1: events=ev Event
flowcontrol.apiserver.k8s.io/v1: -flowschemas FlowSchema, -prioritylevelconfigurations PriorityLevelConfiguration
networking.k8s.io/v1: -ingressclasses IngressClass, ingresses=ing Ingress, -ipaddresses=ip IPAddress, networkpolicies=netpol NetworkPolicy, -servicecidrs ServiceCIDR
node.k8s.io/v1: -runtimeclasses RuntimeClass
policy/v1: poddisruptionbudgets=pdb PodDisruptionBudget
rbac.authorization.k8s.io/v1: -clusterrolebindings ClusterRoleBinding, -clusterroles ClusterRole, rolebindings RoleBinding, roles Role
resource.k8s.io/v1: -deviceclasses DeviceClass, resourceclaims ResourceClaim, resourceclaimtemplates ResourceClaimTemplate, -resourceslices ResourceSlice
scheduling.k8s.io/v1: -priorityclasses=pc PriorityClass
storage.k8s.io/v1: -csidrivers CSIDriver, -csinodes CSINode, csistoragecapacities CSIStorageCapacity, -storageclasses=sc StorageClass, -volumeattachments VolumeAttachment, -volumeattributesclasses=vac VolumeAttributesClass
autoscaling/v1: horizontalpodautoscalers=hpa HorizontalPodAutoscaler`

// Of beta versions that a server only has when its flags say so: discovery is asked.
const GATED = `
certificates.k8s.io/v1beta1: -clustertrustbundles ClusterTrustBundle, podcertificaterequests PodCertificateRequest
coordination.k8s.io/v1beta1: leasecandidates LeaseCandidate`

/** `kubectl get all`, in the order in which it asks. */
const ALL = ['pods', 'replicationcontrollers', 'services', 'daemonsets', 'deployments', 'replicasets', 'statefulsets', 'horizontalpodautoscalers', 'cronjobs', 'jobs']

/** `kubectl get api-extensions`: what else extends the API. */
const EXTENSIONS = ['mutatingadmissionpolicies', 'mutatingadmissionpolicybindings', 'mutatingwebhookconfigurations', 'validatingadmissionpolicies', 'validatingadmissionpolicybindings', 'validatingwebhookconfigurations', 'customresourcedefinitions', 'apiservices']

function categoriesOf(resource: string): readonly string[] {
  return ALL.includes(resource) ? ['all'] : EXTENSIONS.includes(resource) ? ['api-extensions'] : []
}

function parse(text: string): readonly Mapping[] {
  return text.trim().split('\n').flatMap((line) => {
    const colon = line.indexOf(': ')
    const gv = line.slice(0, colon)
    const slash = gv.indexOf('/')
    return line.slice(colon + 2).split(', ').map((entry): Mapping => {
      const m = /^([-!]*)([a-z]+)(?:=(\S+))? (\w+)$/.exec(entry) as RegExpExecArray
      const resource = m[2] as string
      return {
        resource, kind: m[4] as string, group: slash < 0 ? '' : gv.slice(0, slash), version: gv.slice(slash + 1), namespaced: !(m[1] as string).includes('-'),
        shortNames: m[3]?.split(',') ?? [], categories: categoriesOf(resource),
      }
    })
  })
}

/** All built-in resources as discovery lists them; group-versions that are not preferred come last. */
export const builtin: readonly Mapping[] = parse(DISCOVERY)
const gated: readonly Mapping[] = parse(GATED)

/** `apps/v1`, or `v1`. */
export const apiVersionOf = (m: Pick<Mapping, 'group' | 'version'>): string => (m.group === '' ? m.version : `${m.group}/${m.version}`)

/** `deployments.apps`, or `pods`. */
export const groupResource = (m: Mapping): string => (m.group === '' ? m.resource : `${m.resource}.${m.group}`)

/** `deployment.apps/web`, as verbs name what they did. Upstream: cli-runtime/printers NamePrinter */
export const kindName = (m: Pick<Mapping, 'kind' | 'group'>, name: string): string => `${kindDotGroup(m)}/${name}`

/** `deployment.apps`, or `pod`. */
export const kindDotGroup = (m: Pick<Mapping, 'kind' | 'group'>): string => (m.group === '' ? m.kind.toLowerCase() : `${m.kind.toLowerCase()}.${m.group}`)

/** REST path of a resource: all of it, of a namespace, one by name, a subresource. */
export function pathOf(m: Mapping, namespace: string, name = '', subresource = ''): string {
  const base = m.group === '' ? `/api/${m.version}` : `/apis/${m.group}/${m.version}`
  return `${base}${m.namespaced && namespace !== '' ? `/namespaces/${namespace}` : ''}/${m.resource}${name === '' ? '' : `/${name}`}${subresource === '' ? '' : `/${subresource}`}`
}

/** Finds kinds by what a user types. Upstream: client-go/restmapper with its shortcut expander */
export class Mapper {
  private custom: readonly Mapping[] | undefined
  private readonly served = new Map<string, readonly string[]>()

  constructor(private readonly api: Api) {}

  /** Custom resources: asked for once, when a name is not built in. */
  private customs(): readonly Mapping[] {
    this.custom ??= this.api.listOrNone('/apis/apiextensions.k8s.io/v1/customresourcedefinitions').flatMap(mappingsOfCrd)
    return this.custom
  }

  /** Whether the server has a resource of a beta version. */
  private has(m: Mapping): boolean {
    const path = `/apis/${apiVersionOf(m)}`
    let names = this.served.get(path)
    if (names === undefined) {
      const { code, body } = this.api.try({ verb: 'get', path })
      this.served.set(path, (names = code === 200 ? listAt<{ name: string }>(body as unknown as Thing, 'resources').map((r) => r.name) : []))
    }
    return names.includes(m.resource)
  }

  /** Everything that is served. */
  all(): readonly Mapping[] {
    return [...builtin.filter((m) => m.group !== 'autoscaling' || m.version !== 'v1'), ...gated.filter((m) => this.has(m)), ...this.customs()]
  }

  /** The mapping of `po`, `pods`, `Pod`, `deploy.apps`, `deployments.v1.apps`; undefined when nothing is called so. */
  find(typed: string): Mapping | undefined {
    const known = search(builtin, typed)
    if (known !== undefined) return known
    const beta = search(gated, typed)
    return beta !== undefined && this.has(beta) ? beta : search(this.customs(), typed)
  }

  /** The mapping of a typed name. Errors: the server doesn't have a resource type. */
  must(typed: string): Mapping {
    const found = this.find(typed)
    if (found === undefined) throw fail(`the server doesn't have a resource type "${typed.toLowerCase().split('.')[0]}"`)
    return found
  }

  /** What a category stands for (`all`), or undefined. */
  category(typed: string): readonly Mapping[] | undefined {
    if (typed === 'all') return [...ALL.map((r) => builtin.find((m) => m.resource === r) as Mapping), ...this.customs().filter((m) => m.categories.includes('all'))]
    if (search(builtin, typed) !== undefined) return undefined
    const found = [...builtin, ...this.customs()].filter((m) => m.categories.includes(typed))
    return found.length > 0 ? found : undefined
  }

  /** The mapping of a manifest's apiVersion and kind. */
  ofKind(apiVersion: string, kind: string): Mapping | undefined {
    const is = (m: Mapping): boolean => m.kind === kind && apiVersionOf(m) === apiVersion
    return builtin.find(is) ?? gated.filter(is).find((m) => this.has(m)) ?? this.customs().find(is)
  }
}

function search(list: readonly Mapping[], typed: string): Mapping | undefined {
  const [name = '', ...rest] = typed.toLowerCase().split('.')
  const suffix = rest.join('.')
  const named = (m: Mapping): boolean => m.resource === name || m.kind.toLowerCase() === name || m.shortNames.includes(name)
  if (suffix === '') return list.find(named)
  return list.find((m) => named(m) && (m.group === suffix || suffix === `${m.version}.${m.group}` || (m.group === '' && suffix === m.version))) ?? list.find((m) => named(m) && m.group !== '' && m.group.startsWith(`${suffix}.`))
}

function mappingsOfCrd(crd: Thing): Mapping[] {
  const names = at<Record<string, unknown>>(crd, 'spec', 'names') ?? {}
  return listAt<Record<string, unknown>>(crd, 'spec', 'versions').filter((v) => v['served'] === true).map((v) => ({
    resource: String(names['plural']), kind: String(names['kind']), group: String(at(crd, 'spec', 'group')), version: String(v['name']), namespaced: at(crd, 'spec', 'scope') === 'Namespaced',
    shortNames: listAt<string>(names, 'shortNames'), categories: listAt<string>(names, 'categories'), custom: true,
  }))
}
