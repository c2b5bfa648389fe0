// Door of the room `local-path-provisioner`: volumes made on demand on the disks of nodes.
export { localPathProvisioner } from './provisioner'
