export { clockText, countdownText, durationText, leftText, numberText } from './duration'
export { SimClock, SimClockProvider, reducedMotion, useSimClock, useTick } from './sim-clock'
