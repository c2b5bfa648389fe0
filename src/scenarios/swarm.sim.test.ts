import { describe, expect, test } from 'vitest'
import { swarm } from './swarm.testing'

describe('a cluster that is disturbed at random, and then healed, comes to rest', () => {
  for (const seed of [11, 22, 33, 44, 55, 66])
    test(`seed ${seed}`, () => {
      const { wrong, log } = swarm(seed)
      expect(wrong, log.join('\n')).toEqual([])
    })
})
