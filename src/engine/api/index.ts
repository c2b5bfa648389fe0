// Door of the room `api`: the types of the Kubernetes API and the schema behind decoding and patches.
export type * from './types.generated';
