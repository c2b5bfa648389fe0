// Door of the room `workloads`: the programs that containers run, and what is known of their images.
export { canonicalImage, imageDigest, imageSize, parseImage } from './image'
export type { ContainerSpec, ContainerUsage, Outcome, Program, ProgramIO } from './program'
export { emulatedProgram } from './emulated'
export { programFor, programNamed } from './registry'
export { execCommand } from './shell/program'
