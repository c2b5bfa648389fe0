// Door of the room `coredns`: names of services.
export { coredns, resolve, resolveAddress, resolveService, type CorednsParams, type CorednsState, type DnsAnswer, type SrvRecord } from './coredns'
