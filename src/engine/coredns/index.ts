// Door of the room `coredns`: names of services.
export { coredns, resolve, resolveAddress, resolveService, type CorednsState } from './coredns'
