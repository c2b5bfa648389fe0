import { describe, expect, test } from 'vitest'
import { inSight } from './components'

const all = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
/** Room for four; of more than four, one place goes to the "+n". */
const room = (list: readonly string[]): number => (list.length <= 4 ? list.length : 4)

describe('controllers that there is room for', () => {
  test('are the first ones while those are at work, or none is', () => {
    expect(inSight(all, () => false, room)).toEqual(['a', 'b', 'c', 'd'])
    expect(inSight(all, (one) => one === 'c', room)).toEqual(['a', 'b', 'c', 'd'])
  })

  test('let one come into sight that works behind them; the last idle one goes', () => {
    expect(inSight(all, (one) => one === 'f' || one === 'd', room)).toEqual(['a', 'b', 'd', 'f'])
  })

  test('are only those at work when there is not room for all of those', () => {
    expect(inSight(all, (one) => one >= 'c', room)).toEqual(['c', 'd', 'e', 'f'])
  })
})
