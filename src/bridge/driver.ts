import { Checks, type Cluster, type KubectlBehaviour } from '../engine/cluster'
import type { Completion, Docs } from '../engine/kubectl'
import { sampleFiles } from '../scenarios'
import { firstPresetId, firstSeed } from './first-session'
import { FrameBuilder } from './frame'
import { hello } from './hello'
import type { Crash, Down, Input, Pace, Question, SavedSession, Up } from './protocol'
import { answer } from './questions'
import { Session } from './session'

/** What the driver needs from the platform it runs on: a worker, or a test. */
export interface Platform {
  post(up: Up): void
  later(ms: number, run: () => void): number
  forget(timer: number): void
  /** Real time. Units: ms. */
  clock(): number
  /** Loads kubectl, which the first picture does not need. */
  loadKubectl(done: (room: KubectlRoom) => void, failed: (error: unknown) => void): void
  /** Loads the descriptions of the API and of kubectl, which `kubectl explain` and its help need, and the manifests of kubernetes.io. */
  loadDocs(done: (docs: Docs) => void, failed: (error: unknown) => void): void
}

/** What the driver uses of the room kubectl. */
export interface KubectlRoom {
  readonly kubectl: KubectlBehaviour
  readonly complete: (line: string, cursor: number, cluster: Cluster) => Completion
  readonly provideDocs: (docs: Docs) => void
  readonly provideFiles: (files: Readonly<Record<string, string>>) => void
}

/** One slice is bounded in events and in real milliseconds. */
const sliceEvents = 1000
const sliceMs = 8

/** Frames are at least this far apart. Units: real ms. */
const frameMs = 33

/** The look ahead for the next visible step; longer than every timer of Kubernetes that a learner waits for. Units: µs. */
const lookAhead = 660 * 1_000_000

/** The first part of it, after which the moment is kept to come back to. Units: µs. */
const lookNear = 500_000

/** The invariants are looked at this often. Units: real ms. */
const checkMs = 1000

/** A gap without visible events longer than this is folded. Units: µs. */
const foldOver = 250_000

/** A typed command is waited for this long while others' steps are played fast. Units: µs of the simulation. */
const mostAwaited = 1_500_000

/** What others do before a typed command answers is on screen for this long in all. Units: real ms. */
const answerMs = 600

/** Unacknowledged frames after which nothing more is sent until the page has caught up. */
const mostUnacknowledged = 3

/** Drives a session: plays, steps, seeks, answers; posts frames. All simulation happens in bounded slices, so that it always listens. */
export class Driver {
  private session: Session | undefined
  private frames = new FrameBuilder()
  private playing = false
  private pace: Pace = { mode: 'event-paced', factor: 1 }
  private timer: number | undefined
  /** Real time of the last real-time tick. */
  private tickAt = 0
  /** Nothing visible comes by itself: the clock runs in real time until something is done. */
  private resting = false
  /** While the search for the next step is far ahead: comes back to the moment that is shown. */
  private back: (() => void) | undefined
  /** Set while rows wait for the next frame. */
  private rest: number | undefined
  /** The command that was typed last: what others do meanwhile is played fast, so that its answer comes at once. */
  private awaited: { readonly command: number; readonly at: number; readonly clock: number } | undefined
  private unacknowledged = 0
  private behind = false
  private start: { seed: number; preset: string } = { seed: firstSeed, preset: firstPresetId }
  private savedAt = 0
  /** The checkers' memory: of time that only goes forward. */
  private watch: { at: number; clock: number; checks: Checks; readonly told: Set<string> } = { at: 0, clock: 0, checks: new Checks(), told: new Set() }

  private room: KubectlRoom | undefined
  private docs: 'no' | 'coming' | 'here' = 'no'
  private loading = false
  /** A seek, or steps while paused, under way in slices. */
  private moving = false
  /** Messages that wait for that, for kubectl, or for its descriptions, in order. */
  private held: Down[] = []

  constructor(private readonly platform: Platform) {}

  receive(down: Down): void {
    try {
      const asked = down.type === 'start' ? this.callOff() : []
      // Questions are asked all the time: that some wait does not keep what calls a move off.
      const calledOff = this.moving && (down.type === 'seek' || down.type === 'pause') && this.held.every((h) => h.type === 'ask')
      if (down.type === 'ack' || calledOff || (this.held.length === 0 && this.isReadyFor(down))) this.handle(down)
      else this.held.push(down)
      for (const ask of asked) this.receive(ask)
      this.load()
    } catch (error) {
      this.crash(error)
    }
  }

  private get kubectl(): KubectlBehaviour | undefined {
    return this.room?.kubectl
  }

  /** What was still to be done in this session is done with. Answers the questions that wait. */
  private callOff(): readonly Down[] {
    this.halt()
    return this.held.splice(0).filter((h) => h.type === 'ask')
  }

  private release(): void {
    for (const down of this.held.splice(0)) this.receive(down)
  }

  /**
   * What is done must not depend on how fast the machine is: it waits until the moment is there that was asked for (another seek and a
   * pause call that off). What a line prints must not depend on what has loaded by then: so it waits too.
   */
  private isReadyFor(down: Down): boolean {
    if (this.moving) return false
    if (!needsKubectl(down)) return true
    if (this.room === undefined) return false
    if (this.docs === 'here' || !needsDocs(down)) return true
    if (this.docs === 'no') {
      this.docs = 'coming'
      this.platform.loadDocs(
        (docs) => {
          this.room?.provideDocs(docs)
          this.docs = 'here'
          this.release()
        },
        (error) => this.stop(error),
      )
    }
    // A platform that has them at hand has answered already.
    return (this.docs as string) === 'here'
  }

  /** Loads kubectl once, after the first message was dealt with. */
  private load(): void {
    if (this.loading) return
    this.loading = true
    this.platform.loadKubectl(
      (room) => {
        this.room = room
        room.provideFiles(sampleFiles)
        this.session?.install(room.kubectl)
        this.release()
      },
      (error) => this.stop(error),
    )
  }

  private handle(down: Down): void {
    if (down.type === 'start') return this.begin(down)
    const { session } = this
    if (session === undefined) return
    switch (down.type) {
      case 'input': {
        this.comeBack()
        const result = session.act(down.input)
        if (result.error !== undefined) return this.platform.post({ type: 'refused', id: down.id, error: result.error })
        this.resting = false
        if (result.command !== undefined) this.awaited = { command: result.command, at: session.now, clock: this.platform.clock() }
        this.save(true)
        if (this.playing) return this.schedule(0)
        // A paused cluster takes the input and shows its first effect.
        return this.forward(anyStep)
      }
      case 'play':
        this.comeBack()
        this.playing = true
        this.resting = false
        this.tickAt = this.platform.clock()
        this.frame()
        return this.schedule(0)
      case 'pause':
        this.halt()
        this.save(true)
        this.frame()
        return this.release()
      case 'pace':
        this.pace = { mode: down.pace.mode, factor: Math.min(1000, Math.max(0.1, down.pace.factor)) }
        this.resting = false
        this.tickAt = this.platform.clock()
        this.atShown(() => this.frame())
        if (!this.playing) return
        this.comeBack()
        return this.schedule(0)
      case 'step':
        this.halt()
        return down.by > 0 ? this.forward(anyStep) : this.backward(anyStep)
      case 'milestone': {
        this.halt()
        const flagged = (n: number) => session.branch.story.step(n)?.milestone != null
        return down.by > 0 ? this.forward(flagged) : this.backward(flagged)
      }
      case 'seek':
        this.halt()
        return this.seek('at' in down.to ? down.to.at : session.pictureAt(down.to.step))
      case 'undo':
        this.halt()
        session.undo()
        this.save(true)
        return this.frame('full')
      case 'branch':
        this.halt()
        session.switchTo(down.id)
        this.save(true)
        return this.frame('full')
      case 'ask':
        return this.atShown(() => this.ask(down.id, down.question))
      case 'ack':
        this.unacknowledged = Math.max(0, this.frames.number - down.frame)
        if (this.behind && this.unacknowledged < mostUnacknowledged) this.atShown(() => this.frame())
        return
    }
  }

  private begin(down: { readonly seed?: number | undefined; readonly preset?: string | undefined; readonly session?: SavedSession | undefined }): void {
    this.halt()
    this.platform.post(hello())
    const { session: saved } = down
    this.start = { seed: saved?.seed ?? down.seed ?? firstSeed, preset: saved?.preset ?? down.preset ?? firstPresetId }
    this.session = saved ? Session.restore(saved, this.kubectl) : new Session(this.start.seed, this.start.preset, this.kubectl)
    this.frame('full')
    this.save(true)
  }

  private halt(): void {
    this.playing = false
    this.resting = false
    this.moving = false
    if (this.timer !== undefined) this.platform.forget(this.timer)
    this.timer = undefined
    this.comeBack()
  }

  /** Gives up the search for the next step, as if it had not been: what is done now is done at the moment that is shown. */
  private comeBack(): void {
    this.back?.()
    this.back = undefined
  }

  /** Reads the moment that is shown, wherever the search for the next step is by now. */
  private atShown(read: () => void): void {
    if (!this.back) return read()
    const on = (this.session as Session).peek()
    this.back()
    try {
      read()
    } finally {
      on()
    }
  }

  private schedule(ms: number, run: () => void = () => this.tick()): void {
    if (this.timer !== undefined) this.platform.forget(this.timer)
    this.timer = this.platform.later(ms, () => {
      this.timer = undefined
      try {
        run()
      } catch (error) {
        this.crash(error)
      }
    })
  }

  private tick(): void {
    if (!this.playing || this.session === undefined) return
    this.save(false)
    if (this.pace.mode === 'real-time' || this.resting) this.tickRealTime(this.session)
    else this.tickSteps(this.session)
  }

  private tickRealTime(session: Session): void {
    const now = this.platform.clock()
    const factor = this.pace.mode === 'real-time' ? this.pace.factor : 1
    // After a pause of the tab, time does not rush to catch up.
    const target = session.now + Math.round(Math.min(250, now - this.tickAt) * 1000 * factor)
    this.tickAt = now
    const before = session.branch.story.last
    while (!session.run(target, sliceEvents)) if (this.platform.clock() - now > 2 * sliceMs) break
    if (this.resting && session.branch.story.last > before) this.resting = false
    this.frame()
    this.schedule(Math.max(1, frameMs - (this.platform.clock() - now)))
  }

  private tickSteps(session: Session): void {
    const from = session.now
    this.lookForStep(session, from, anyStep, (n) => {
      if (n === undefined) {
        this.resting = true
        this.tickAt = this.platform.clock()
        return this.schedule(0)
      }
      const step = session.branch.story.step(n)
      const gap = (step?.at ?? from) - from
      const folded = gap > foldOver ? gap : 0
      const hops = Math.min(2, Math.max(0, (step?.hops.length ?? 1) - 1))
      const spread = this.hurried(session, step?.lane === 'kubectl', Math.min(1500, 900 + 300 * hops) / this.pace.factor)
      this.frame('diff', spread, folded)
      this.schedule(spread + (folded > 0 ? 400 / this.pace.factor : 0))
    })
  }

  /** Time on screen for a step: less for what is not the typed command's, while that has not answered yet. Units: real ms. */
  private hurried(session: Session, own: boolean, spread: number): number {
    const { awaited } = this
    if (awaited === undefined) return spread
    const answered = session.branch.story.outputs.some((o) => o.command === awaited.command && o.stream === 'exit' && o.at <= session.now)
    // What goes on longer (a watch, a wait) is watched at the usual pace.
    if (answered || session.now < awaited.at || session.now - awaited.at > mostAwaited) {
      this.awaited = undefined
      return spread
    }
    if (own) return spread
    const left = awaited.clock + answerMs - this.platform.clock()
    return Math.max(0, Math.min(spread, left / 3))
  }

  /** Simulates slice by slice until the next step of those wanted; without one in sight, comes back to the near end of the look ahead. */
  private lookForStep(session: Session, from: number, wanted: (n: number) => boolean, found: (n: number | undefined) => void): void {
    const began = this.platform.clock()
    for (;;) {
      const before = session.step
      const n = session.stepForward(sliceEvents, from + (this.back ? lookAhead : lookNear) - session.now)
      // Steps of one instant come at once.
      const passed = typeof n === 'number' && !Array.from({ length: n - before }, (_, i) => before + 1 + i).some(wanted)
      if (passed) {
        from = session.now
        this.back = undefined
      }
      if (passed || n === 'more') {
        if (this.platform.clock() - began < sliceMs) continue
        return this.schedule(0, () => this.lookForStep(session, from, wanted, found))
      }
      if (n !== undefined) {
        this.back = undefined
        return found(n)
      }
      if (this.back) {
        this.comeBack()
        return found(undefined)
      }
      // Most steps are near. Only before a far look is it worth keeping a moment to come back to.
      this.back = session.peek()
    }
  }

  private forward(wanted: (n: number) => boolean): void {
    const session = this.session as Session
    const { story } = session.branch
    // What is known of the future need not be gone through.
    let n = session.step
    while (story.step(n + 1) !== undefined && !wanted(n + 1)) n++
    // Something may come again and again without ever being wanted.
    const until = session.now + lookAhead
    const look = () => this.lookForStep(session, session.now, (m) => wanted(m) || session.now > until, () => this.arrive('diff', 900 / this.pace.factor))
    this.moving = true
    if (n > session.step) this.goTo(session.pictureAt(n), look)
    else look()
  }

  private backward(wanted: (n: number) => boolean): void {
    const session = this.session as Session
    let n = session.step - 1
    // Steps of one instant share a picture: going back must come to another one.
    while (n > 0 && (!wanted(n) || session.pictureAt(n) >= session.now)) n--
    this.seek(n <= 0 ? 0 : session.pictureAt(n))
  }

  private seek(at: number): void {
    this.goTo(at, () => this.arrive('full'))
  }

  /** Goes to a moment in slices; one that takes long shows how far it is. */
  private goTo(at: number, then: () => void): void {
    const session = this.session as Session
    const began = this.platform.clock()
    this.moving = true
    const go = () => {
      while (!session.seek(at, sliceEvents))
        if (this.platform.clock() - began > 300) {
          this.frame('full')
          return this.schedule(0, go)
        }
      then()
    }
    go()
  }

  /** The moment is there that was asked for. */
  private arrive(kind: 'full' | 'diff', spreadMs = 0): void {
    this.moving = false
    this.frame(kind, spreadMs)
    this.save(false)
    this.release()
  }

  private ask(id: number, question: Question): void {
    try {
      const { room } = this
      const session = this.session as Session
      const value = question.about === 'complete' && room ? room.complete(question.line.slice(0, 10_000), question.cursor, session.cluster) : answer(session, question)
      this.platform.post({ type: 'answer', id, value })
    } catch (error) {
      this.platform.post({ type: 'answer', id, value: null, error: error instanceof Error ? error.message : String(error) })
    }
  }

  private frame(kind: 'full' | 'diff' = 'diff', spreadMs = 0, skipped = 0): void {
    const session = this.session as Session
    if (kind === 'diff' && this.unacknowledged >= mostUnacknowledged) {
      // What was played counts as seen, however slow the page is.
      session.show()
      this.behind = true
      return
    }
    this.behind = false
    this.check(session, kind)
    const frame = this.frames.build(session, kind, { playing: this.playing, pace: this.pace, spreadMs, skipped })
    this.unacknowledged++
    this.platform.post(frame)
    // Not by the timer of what comes next, which must not be hurried or lost.
    if (this.frames.more)
      this.rest ??= this.platform.later(frameMs, () => {
        this.rest = undefined
        if (this.session) this.atShown(() => this.frame())
      })
  }

  private save(now: boolean): void {
    const session = this.session as Session
    const clock = this.platform.clock()
    if (!now && clock - this.savedAt < 2000) return
    this.savedAt = clock
    this.platform.post({ type: 'saved', session: session.saved() })
  }

  /** Says what happened, with a report to download, and begins again from the log without its last input. */
  private crash(error: unknown): void {
    const { saved, ...told } = this.report(error)
    this.halt()
    let after: Crash['after'] = 'restarted'
    try {
      this.session = this.recover(saved)
      this.frames = new FrameBuilder()
      this.unacknowledged = 0
    } catch {
      this.session = undefined
      after = 'stopped'
    }
    this.platform.post({ type: 'crash', ...told, after })
    if (after === 'restarted') this.frame('full')
    this.release()
  }

  /** A part of the page could not be loaded: nothing goes on without it. */
  private stop(error: unknown): void {
    const { saved: _, ...told } = this.report(error)
    this.callOff()
    this.session = undefined
    this.platform.post({ type: 'crash', ...told, after: 'stopped' })
  }

  private report(error: unknown): { readonly message: string; readonly report: string; readonly saved: SavedSession | undefined } {
    const message = error instanceof Error ? error.message : String(error)
    let saved: SavedSession | undefined
    let last: unknown = []
    try {
      last = this.session?.cluster.sim.lastRecords(300)
      this.comeBack()
      saved = this.session?.saved()
    } catch {
      // The report then has no records; the message still tells.
    }
    const report = JSON.stringify({ kubeloop: 'crash report', message, stack: error instanceof Error ? error.stack : undefined, session: saved ?? this.start, last }, null, 1)
    return { message, report, saved }
  }

  /** Looks at the invariants, now and then; a broken one is told once, with a report, and the session goes on. */
  private check(session: Session, kind: 'full' | 'diff'): void {
    const { watch } = this
    const clock = this.platform.clock()
    // Another moment or another line of history: what was seen before says nothing of it.
    if (kind === 'full' || session.now < watch.at) this.watch = { at: session.now, clock, checks: new Checks(), told: watch.told }
    else if (clock - watch.clock >= checkMs && session.now > watch.at) {
      watch.at = session.now
      watch.clock = clock
      try {
        watch.checks.see(session.cluster.sim.state)
      } catch (error) {
        const { saved: _, ...told } = this.report(error)
        // What it found differs from second to second; which invariant it was does not.
        const which = told.message.replace(/ at .*/s, '')
        if (watch.told.has(which)) return
        watch.told.add(which)
        this.platform.post({ type: 'crash', ...told, after: 'going-on' })
      }
    }
  }

  private recover(saved: SavedSession | undefined): Session {
    if (saved === undefined) return new Session(this.start.seed, this.start.preset, this.kubectl)
    try {
      // To the moment before the crash; if that crashes too, without the last input; if nothing helps, from the beginning.
      return Session.restore({ ...saved, at: Math.max(0, saved.at - 1000) }, this.kubectl)
    } catch {
      const branches = saved.branches.map((b) => (b.id === saved.current ? { ...b, inputs: b.inputs.slice(0, -1), head: b.inputs.at(-1)?.at ?? 0 } : b))
      try {
        return Session.restore({ ...saved, branches, at: branches.find((b) => b.id === saved.current)?.head ?? 0 }, this.kubectl)
      } catch {
        return new Session(saved.seed, saved.preset, this.kubectl)
      }
    }
  }
}

const anyStep = (): boolean => true

function needsKubectl(down: Down): boolean {
  if (down.type === 'input') return down.input.type === 'kubectl' || down.input.type === 'file'
  if (down.type === 'ask') return down.question.about === 'try' || down.question.about === 'complete'
  return down.type === 'start' && (down.session?.branches.some((b) => b.inputs.some((i) => i.input.type === 'kubectl' || i.input.type === 'file')) ?? false)
}

/**
 * Lines that surely print no description: a common verb with an object, nothing of the shell. Any other may, by itself, by a file or by an
 * alias that it made: after the first such line the descriptions are there for good.
 */
const plain = (line: string): boolean => /^\s*(kubectl|k) +(-n +\S+ +)?(get|describe|apply|delete|logs|run|scale|expose|label|annotate|patch|exec|edit|cordon|uncordon|drain|taint|wait|rollout +\w+|create +(\w+ +)?\S|top +\w+) +[^;&|`$<>(){}\n]*$/.test(line) && !/-h\b|help|explain|:\/\//.test(line)

function needsDocs(down: Down): boolean {
  const says = (input: Input): boolean => input.type === 'kubectl' && !plain(input.line)
  if (down.type === 'input') return says(down.input)
  if (down.type === 'ask') return down.question.about === 'try' && down.question.commands.some((c) => !plain(c.line))
  return down.type === 'start' && (down.session?.branches.some((b) => b.inputs.some((i) => says(i.input))) ?? false)
}
