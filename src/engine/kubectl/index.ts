export { kubectl, type CommandOutput, type KubectlParams, type KubectlState } from './process'
export { provideDocs, type Docs } from './docs'
export { provideFiles, shellProcess, type Edited, type ShellState, type WriteFile } from './process'
