// Door of the room `coredns`: names of services.
export { coredns, resolve, type CorednsParams, type CorednsState, type DnsAnswer } from './coredns'
