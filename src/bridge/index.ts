export { createClient } from './client'
export type * from './protocol'
