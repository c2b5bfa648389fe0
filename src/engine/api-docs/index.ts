// Door of the room `api-docs`: what the API's types and fields are for, in words. Data only; loaded apart, since only `kubectl explain` needs it.
export { DOCS, ENUMS } from './docs.generated'
