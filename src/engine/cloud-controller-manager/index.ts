// Door of the room `cloud-controller-manager`: load balancers for Services, and the provider that has them.
export { cloudControllerManager, type CloudManagerState } from './cloud-controller-manager'
export { balancerAt, cloud, type CloudState } from './cloud'
