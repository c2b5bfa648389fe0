import { FrameBuilder } from '../bridge/frame'
import { hello } from '../bridge/hello'
import { Session } from '../bridge/session'
import { firstPresetId, firstSeed } from '../bridge/first-session'

/** What a new page shows before its engine has arrived: the same engine's first messages, made when the page was built. */
export function firstPicture(): string {
  const session = new Session(firstSeed, firstPresetId)
  const frame = new FrameBuilder().build(session, 'full', { playing: false, pace: { mode: 'event-paced', factor: 1 }, spreadMs: 0, skipped: 0 })
  return JSON.stringify([hello(), frame])
}
