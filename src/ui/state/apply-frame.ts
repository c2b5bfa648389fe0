import type { Frame } from '../../bridge/protocol'
import type { Model } from './kubeloop'
import type { Session } from './session'

/** Longest sweep of the clock and the rings from one frame to the next. Units: ms. */
const sweepMs = 400

/**
 * The one writer of everything that comes from frames: rows first, then the session, then whoever listens to a changed
 * row is woken. The frame is acknowledged when it is drawn, so that a slow page is sent fewer, larger frames.
 */
export function applyFrame(model: Model, frame: Frame): void {
  const full = frame.kind === 'full'
  const before = model.session.getState()
  if (!full && before.frame === 0) return // a diff without what it builds on
  const wakes = [
    model.nodes.apply(frame.nodes, full),
    model.pods.apply(frame.pods, full, model.podGroups.note),
    model.podGroups.flush(),
    model.workloads.apply(frame.workloads, full),
    model.services.apply(frame.services, full),
    model.objects.apply(frame.objects, full),
  ]
  const stepsChanged = full || frame.steps.length > 0
  if (full) {
    model.steps.replace(frame.steps)
    model.output.replace(frame.output)
  } else {
    if (frame.clock.branch !== before.clock.branch) model.steps.cutAfter(before.step)
    model.steps.extend(frame.steps)
    if (frame.clock.now >= frame.clock.head && (model.steps.rows.at(-1)?.n ?? 0) > frame.step) model.steps.cutAfter(frame.step)
    model.output.append(frame.output)
  }
  if (frame.clock.branch !== before.clock.branch) {
    // A branch that begins here shares the past; any other has another one.
    const born = frame.branches?.find(({ id, parent }) => id === frame.clock.branch && parent === before.clock.branch)
    model.traffic.cutAfter(born ? Math.min(born.forkedAt, frame.clock.now) : -1)
  }
  const trafficChanged = model.traffic.apply(frame.traffic ?? null, before.clock.now, frame.clock.now, full)
  model.session.setState(sessionAfter(before, frame, model))
  for (const wake of wakes) wake()
  if (stepsChanged) model.steps.wake()
  if (full || frame.output.length > 0) model.output.wake()
  if (trafficChanged) model.traffic.wake()
  move(model, frame, before)
  setTimeout(() => model.source.send({ type: 'ack', frame: frame.number })) // a task later: React has rendered by then
}

function sessionAfter(before: Session, frame: Frame, model: Model): Session {
  return {
    ...before,
    frame: frame.number,
    clock: sameClock(before.clock, frame.clock) ? before.clock : frame.clock,
    step: frame.step,
    current: model.steps.get(frame.step) ?? null,
    lastStep: Math.max(frame.step, model.steps.rows.at(-1)?.n ?? 0),
    components: frame.components ?? before.components,
    branches: frame.branches ?? before.branches,
    skipped: frame.steps.length > 0 || frame.kind === 'full' ? frame.skipped : frame.skipped || before.skipped,
    crash: frame.kind === 'full' && before.crash?.after === 'stopped' ? null : before.crash,
  }
}

/** Lets the messages of a new step travel and the clock sweep; a seek shows its moment at once. */
function move(model: Model, frame: Frame, before: Session): void {
  const { now, spreadMs, playing } = frame.clock
  if (frame.kind === 'full' || now < before.clock.now) {
    model.motion.finish()
    return model.clock.set(now, 0)
  }
  if (frame.step > before.step) model.motion.begin(spreadMs)
  else if (!playing && before.clock.playing) model.motion.finish()
  model.clock.set(now, Math.min(sweepMs, spreadMs))
}

function sameClock(a: Session['clock'], b: Session['clock']): boolean {
  return (
    a.now === b.now && a.revision === b.revision && a.playing === b.playing && a.branch === b.branch && a.head === b.head &&
    a.spreadMs === b.spreadMs && a.pace.mode === b.pace.mode && a.pace.factor === b.pace.factor
  )
}
