// Door of the room `apimachinery`: pure functions on objects, errors, selectors, quantities, patches, names and hashes.
export { humanDuration, parseGoDuration, shortHumanDuration, translateTimestamp } from './duration'
export {
  aggregateText, child, duplicate, fieldErrorBody, fieldErrorText, forbidden, index, internalFieldError, invalid, invalidOmitted, key, notFoundField,
  notSupported, required, tooLong, tooMany, type FieldError,
} from './field'
/** Field errors under one name: `field.required(path)`. */
export * as field from './field'
export {
  formatFieldSelector, matchesFields, parseFieldSelector, requiresExactField, type FieldRequirement,
} from './field-selector'
export { goJson, goQuote, goValue, jsonKind } from './go-format'
export { computeHash, controllerRevisionHash, safeEncodeString } from './hash'
export { sha256 } from './sha256'
export { scaledIntOrPercent, scaledOr, type IntOrString } from './int-or-percent'
export {
  EVERYTHING, NOTHING, formatLabelSelector, formatSelector, labelSelector, labelSelectorError, matches, newRequirement, parseSelector,
  requiresExactLabel, selectorFromSet, type Labels, type Requirement, type Selector, type SelectorOperator,
} from './label-selector'
export type { LabelSelector, LabelSelectorRequirement, ManagedFieldsEntry, ObjectMeta, OwnerReference } from './meta-types.generated'
export {
  configMapKeyErrors, dns1035LabelErrors, dns1123LabelErrors, dns1123SubdomainErrors, envVarNameErrors, generateName, inclusiveRangeError,
  labelValueErrors, maxLengthError, portNameErrors, portNumberErrors, qualifiedNameErrors, randomSuffix, regexError, relaxedEnvVarNameErrors,
  wildcardSubdomainErrors,
} from './names'
export {
  controllerOf, deepEqual, isControlledBy, objectKey, ownerReference, parseApiVersion, sortKeys, type KubeList, type KubeObject, type NamedMeta,
} from './object'
export {
  addQuantity, canonicalQuantity, compareQuantity, newMilliQuantity, newQuantity, parseQuantity, quantity, quantityMilliValue, quantitySign,
  quantityValue, subQuantity, type Quantity,
} from './quantity'
export { isEmptyValue, type FieldSchema, type StructSchema, type TypeKind, type TypeSchema } from './schema'
export {
  alreadyExists, applyConflict, badRequest, conflict, expired, forbiddenStatus, generateNameConflict, genericServerResponse, hasStatusCause,
  internalError, invalidObject, isFailure, isInvalid, isNotFound, isStatus, methodNotSupported, notFound, requestEntityTooLarge, timeout,
  tooManyRequests, unsupportedMediaType, type GroupResource, type Status, type StatusCause, type StatusDetails,
} from './status'
export { formatMicroTime, formatTime, parseTime } from './time'
export { applyJsonPatch, type JsonPatchOperation } from './json-patch'
export { parseJsonPath, relaxedJsonPath } from './json-path'
export {
  applyMergePatch, createMergePatch, createThreeWayMergePatch, isObject, type JsonObject,
} from './merge-patch'
export { applyStrategicMergePatch, createThreeWayStrategicPatch, createTwoWayStrategicPatch } from './strategic-merge-patch'
export { readConfigYaml, readYaml } from './yaml'
export { base64OfText } from './der'
export {
  isAttribute, issueCertificate, makeKey, makeRequest, makeSelfSigned, namesOf, parseCertificate, parseCertificateRequest, publicKeyOf, readCertificate, readRequest, valuesOf,
  type AlternativeName, type Certificate, type CertificateName, type CertificateRequest,
} from './x509'
