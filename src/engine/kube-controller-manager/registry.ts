import type { Controller } from './controller'

/** All controllers, in the order in which they start. A new one is one line here. */
export const controllers: readonly Controller<never>[] = []
