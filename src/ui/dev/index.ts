export { createFixture } from './fixture'
