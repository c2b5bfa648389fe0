// Door of the room `api`: the types of the Kubernetes API and the schema behind decoding, patches and hashes.
export type * from './types.generated'
export { canonicalize, decodeStrict } from './decode'
export { podQOS } from './pod-qos'
export { plusAmounts, quotaConstraint, quotaDelta, quotaMatches, quotaResourcesOf, quotaScopes, quotaUsage, scopeFits, type ResourceAmounts } from './quota'
export { containerTotals, isPodLevelResource, isPodLevelSet, podLimits, podRequests } from './pod-resources'
export { podTemplateHash, statefulSetRevisionHash } from './pod-template-hash'
export { structSchema } from './schema'
export { apiVersionOf, gatedResources, pathOf, resourceInfo, resourceOfKind, resourcePath, resources, type ResourceInfo } from './resources'
