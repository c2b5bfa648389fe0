export { createClient, type EngineClient } from './client'
export type * from './protocol'
