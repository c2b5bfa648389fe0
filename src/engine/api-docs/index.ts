// Door of the room `api-docs`: what the API's types and fields, and kubectl's commands and flags are for, in words. Data only; loaded apart, since only
// `kubectl explain`, `kubectl help` and manifests from kubernetes.io need it.
export { DOCS, ENUMS } from './docs.generated'
export { ENUM_WORDS } from './enum-words.generated'
export { PAGES } from './pages.generated'
export { HELP, SHARED_FLAGS } from './kubectl-help'
