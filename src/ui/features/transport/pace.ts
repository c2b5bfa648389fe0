import type { Pace } from '../../../bridge/protocol'
import type { MenuItem } from '../../kit'

const eventPaced = [0.25, 0.5, 1, 2, 4, 8]
const realTime = [0.1, 1, 10, 100, 1000]

/** `1× event-paced`, `10× real time`. */
export function paceText({ mode, factor }: Pace): string {
  return `${factor}× ${mode === 'event-paced' ? 'event-paced' : 'real time'}`
}

/** The speeds that there are. Event-paced: each visible step gets a similar time on screen, idle gaps are folded. */
export function paceItems(now: Pace, choose: (pace: Pace) => void): readonly (MenuItem | null)[] {
  const item = (mode: Pace['mode'], factor: number): MenuItem => ({
    id: `${mode}-${factor}`, label: paceText({ mode, factor }), checked: now.mode === mode && now.factor === factor, run: () => choose({ mode, factor }),
  })
  return [...eventPaced.map((factor) => item('event-paced', factor)), null, ...realTime.map((factor) => item('real-time', factor))]
}
