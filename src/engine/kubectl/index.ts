export { contextNamespace } from './context'
export { kubectl, type CommandOutput, type KubectlParams, type KubectlState } from './process'
export { provideDocs, type Docs } from './docs'
