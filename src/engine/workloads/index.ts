// Door of the room `workloads`: the programs that containers run, and what is known of their images.
export { canonicalImage, imageDigest, imageReference, imageSize, parseImage } from './image'
export { FileSystem, volumeFiles, type EtcFiles, type FileMount, type Files, type TokenFile, type Volume, type VolumeSource } from './files'
export type { ContainerSpec, ContainerUsage, HttpAnswer, HttpRequest, Outcome, Outgoing, Program, ProgramIO, RequestAnswer } from './program'
export { emulatedProgram } from './emulated'
export { argvOf } from './argv'
export { programFor, programNamed, runsAsRoot, startError } from './registry'
export { execCommand, type ExecResult } from './shell/program'
export { accepts, serveFacts, type Call, type ServeFacts } from './serve'
