export { Caption } from './caption'
