import { FrameBuilder } from './frame'
import { hello } from './hello'
import { Session } from './session'
import { firstPresetId, firstSeed } from './first-session'

/** What a new page shows before its engine has arrived: the same engine's first messages, made when the page was built. */
export function firstPicture(): string {
  const session = new Session(firstSeed, firstPresetId)
  const frame = new FrameBuilder().build(session, 'full', { playing: false, pace: { mode: 'event-paced', factor: 1 }, spreadMs: 0, skipped: 0 })
  return JSON.stringify([hello(), frame])
}
