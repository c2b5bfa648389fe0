export { kubectl, type CommandOutput, type KubectlParams, type KubectlState } from './process'
