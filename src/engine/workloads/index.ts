// Door of the room `workloads`: the programs that containers run, and what is known of their images.
export { canonicalImage, imageReference, imageSize, isPublished, parseImage } from './image'
export { FileSystem, filesBytes, volumeFiles, type DiskSpace, type EtcFiles, type FileMount, type Files, type Volume, type VolumeSource } from './files'
export type { ContainerSpec, ContainerUsage, HttpAnswer, HttpRequest, Outcome, Outgoing, Program, ProgramIO, RequestAnswer } from './program'
export { componentProgram, type ComponentRun } from './component'
export { emulatedProgram } from './emulated'
export { programFor, programNamed, runsAsRoot, startError } from './registry'
export { execCommand } from './shell/program'
export { accepts, serveFacts, type Call, type ServeFacts } from './serve'
