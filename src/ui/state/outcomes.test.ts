import { expect, test } from 'vitest'
import { outcomes as ofEngine } from '../../engine/cluster'
import { outcomes } from './outcomes'

test('outcomes are counted in the order of the engine', () => {
  expect(outcomes).toEqual(ofEngine)
})
