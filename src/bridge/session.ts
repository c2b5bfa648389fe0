import { Cluster, copyState, presets, type ClusterCheckpoint, type ClusterConfig, type KubectlBehaviour } from '../engine/cluster'
import { captionOfFault } from './captions'
import type { Input, LoggedInput, SavedBranch, SavedSession } from './protocol'
import { mergeWithin, Story } from './story'

/** A moment to come back to: the cluster, the story so far, and how many inputs had been done. */
interface Checkpoint {
  readonly at: number
  /** Events handled until then. */
  readonly handled: number
  readonly cluster: ClusterCheckpoint
  readonly story: Story
  readonly inputs: number
}

/** A line of history and all that is known of it. */
export interface Branch {
  readonly id: number
  parent: number | null
  readonly forkedAt: number
  /** All inputs from time 0, those of the ancestors before the fork included. */
  readonly inputs: LoggedInput[]
  /** How many of `inputs` are the ancestors'. */
  readonly inherited: number
  /** How far it was simulated. */
  head: number
  /** How far of that was ever shown; what lies beyond was only peeked at. */
  seen: number
  label: string
  story: Story
  readonly checkpoints: Checkpoint[]
}

/** After a step, this much more is simulated for its picture, so that every cache of the API server has heard of it. Units: µs. */
export const settle = 300

/** Events between two checkpoints, until there are too many: then they lie evenly further apart. A seek replays at most about as many. */
const checkpointEvery = 1000

const mostCheckpoints = 96

/** Most inputs of a session. */
const mostInputs = 5000

/**
 * A session: a cluster, its input log, its branches, and a playhead. Deterministic: what it shows for a moment depends on seed, preset and inputs only.
 * Synchronous; whoever drives it bounds its slices.
 */
export class Session {
  readonly branches: Branch[] = []
  readonly config: ClusterConfig
  cluster: Cluster
  private currentId = 0
  private inputsDone = 0
  private nextBranch = 1
  private sinceCheckpoint = 0

  constructor(
    readonly seed: number,
    readonly preset: string,
    private kubectl?: KubectlBehaviour,
  ) {
    const found = presets.find((p) => p.id === preset)
    if (found === undefined) throw new Error(`unknown preset "${preset}"`)
    this.config = found.make(seed)
    this.cluster = this.newCluster().bootUp()
    const story = new Story()
    story.readOn(this.cluster)
    const main: Branch = { id: 0, parent: null, forkedAt: 0, inputs: [], inherited: 0, head: 0, seen: 0, label: 'main', story, checkpoints: [] }
    this.branches.push(main)
    this.saveCheckpoint()
  }

  private newCluster(checkpoint?: ClusterCheckpoint): Cluster {
    const cluster = new Cluster(this.config, checkpoint)
    return this.kubectl ? cluster.install(this.kubectl) : cluster
  }

  /** Lets people type from now on. */
  install(kubectl: KubectlBehaviour): void {
    this.kubectl = kubectl
    this.cluster.install(kubectl)
  }

  /** Makes a saved session again; its inputs are replayed up to where it stood. Errors: throws when the log cannot be. */
  static restore(saved: SavedSession, kubectl: KubectlBehaviour | undefined): Session {
    const session = new Session(saved.seed, saved.preset, kubectl)
    const byId = new Map(saved.branches.map((b) => [b.id, b]))
    const inputsOf = (b: SavedBranch): readonly LoggedInput[] => {
      const parent = b.parent === null ? undefined : byId.get(b.parent)
      return [...(parent ? inputsOf(parent).filter((i, n) => (b.inherited === undefined ? i.at <= b.forkedAt : n < b.inherited)) : []), ...b.inputs]
    }
    for (const b of saved.branches) {
      const inputs = [...inputsOf(b)]
      const inherited = inputs.length - b.inputs.length
      const main = session.branches[0] as Branch
      if (b.id === 0) {
        main.inputs.push(...inputs)
        main.seen = b.head
        main.label = b.label
      } else session.branches.push({ id: b.id, parent: b.parent, forkedAt: b.forkedAt, inputs, inherited, head: 0, seen: b.head, label: b.label, story: copyState(main.story), checkpoints: main.checkpoints.slice(0, 1) })
      session.nextBranch = Math.max(session.nextBranch, b.id + 1)
    }
    session.switchTo(saved.current, saved.at)
    return session
  }

  get branch(): Branch {
    return this.branches.find((b) => b.id === this.currentId) as Branch
  }

  get now(): number {
    return this.cluster.now
  }

  /** Number of the step that the playhead stands at. */
  get step(): number {
    return this.branch.story.stepAt(this.now)
  }

  /** The present moment is shown. */
  show(): void {
    this.branch.seen = Math.max(this.branch.seen, this.now)
  }

  saved(): SavedSession {
    return {
      version: 1, seed: this.seed, preset: this.preset, current: this.currentId, at: this.now,
      branches: this.branches.map((b) => ({ id: b.id, parent: b.parent, forkedAt: b.forkedAt, inherited: b.inherited, inputs: b.inputs.slice(b.inherited), head: Math.max(b.seen, b.inputs.at(-1)?.at ?? 0), label: b.label })),
    }
  }

  /**
   * Runs towards a session time, doing logged inputs when they are due; at most `mostEvents` events.
   * Stops early, at the time of a step, when `untilStep` is reached. True when it got there.
   */
  run(until: number, mostEvents = Number.MAX_SAFE_INTEGER, untilStep = Number.MAX_SAFE_INTEGER): boolean {
    const { branch, cluster } = this
    let left = mostEvents
    for (;;) {
      const input = branch.inputs[this.inputsDone]
      const target = input !== undefined && input.at < until ? input.at : until
      const before = cluster.sim.state.handled
      // In small bites, so that a step is noticed soon after it happened.
      const done = cluster.run(target, Math.min(left, untilStep === Number.MAX_SAFE_INTEGER ? checkpointEvery : 1))
      const handled = cluster.sim.state.handled - before
      left -= handled
      this.sinceCheckpoint += handled
      this.note(branch)
      if (untilStep !== Number.MAX_SAFE_INTEGER && branch.story.stepAt(cluster.now) >= untilStep) {
        cluster.run(cluster.now)
        this.note(branch)
        return true
      }
      if (this.sinceCheckpoint >= checkpointEvery) {
        cluster.run(cluster.now)
        this.note(branch)
        this.saveCheckpoint()
      }
      if (!done) {
        if (left <= 0) return false
        continue
      }
      if (input !== undefined && input.at <= target) {
        cluster.input(input.input)
        this.inputsDone++
        continue
      }
      return true
    }
  }

  private note(branch: Branch): void {
    branch.story.readOn(this.cluster)
    branch.head = Math.max(branch.head, this.cluster.now)
  }

  /** Acts now. In the past, this starts a branch that keeps the old future. Errors: `error` says why it cannot be done; nothing changes then. */
  act(input: Input): { readonly command?: number; readonly error?: string } {
    let { branch } = this
    if (branch.inputs.length >= mostInputs) return { error: `This session has its most inputs (${mostInputs}). Reset the cluster to go on.` }
    const { cluster } = this
    cluster.run(cluster.now)
    this.note(branch)
    const at = cluster.now
    const { story } = branch
    const beyond = story.knows(cluster.sim.trace.nextId)
    const inPast = story.stepAt(branch.seen) > story.stepAt(at) || this.inputsDone < branch.inputs.length
    const result = cluster.input(input)
    if (result.error !== undefined) return result
    if (inPast) branch = this.fork(branch, at, labelOf(input))
    else {
      // Nothing that was shown lies ahead: the future that was peeked at is simulated anew with this input.
      if (beyond) branch.story = this.storyAt(branch, at)
      branch.head = at
      branch.seen = at
      while ((branch.checkpoints.at(-1)?.at ?? 0) > at) branch.checkpoints.pop()
    }
    branch.inputs.push({ at, input })
    this.inputsDone++
    return result
  }

  /**
   * Takes the last input back: goes to the moment before it, on a line of history without it. What came of it is kept as a branch.
   * False when there is nothing to take back.
   */
  undo(): boolean {
    const { branch } = this
    const input = branch.inputs.at(-1)
    if (input === undefined || branch.inputs.length === branch.inherited) return false
    const parent = this.branches.find((b) => b.id === branch.parent)
    if (parent !== undefined && branch.inputs.length === branch.inherited + 1 && branch.forkedAt === input.at) {
      this.switchTo(parent.id, input.at)
      return true
    }
    const before = branch.inputs.length - 1
    this.goTo(branch.checkpoints.findLast((c) => c.at <= input.at && c.inputs <= before) as Checkpoint)
    this.inputsDone = before
    const story = this.storyAt(branch, input.at)
    const kept: Branch = { ...branch, id: this.nextBranch++, parent: branch.id, forkedAt: input.at, inputs: branch.inputs.slice(), inherited: before, label: labelOf(input.input), checkpoints: branch.checkpoints.slice() }
    this.branches.push(kept)
    for (const b of this.branches) if (b !== kept && b.parent === branch.id && b.inherited > before) b.parent = kept.id
    branch.inputs.length = before
    branch.story = story
    branch.head = input.at
    branch.seen = input.at
    for (let i = branch.checkpoints.length - 1; i >= 0; i--) {
      const c = branch.checkpoints[i] as Checkpoint
      if (c.at > input.at || c.inputs > before) branch.checkpoints.splice(i, 1)
    }
    this.goTo(branch.checkpoints.at(-1) as Checkpoint)
    this.run(input.at)
    return true
  }

  private fork(from: Branch, at: number, label: string): Branch {
    const story = this.storyAt(from, at)
    const branch: Branch = {
      id: this.nextBranch++, parent: from.id, forkedAt: at, inputs: from.inputs.slice(0, this.inputsDone), inherited: this.inputsDone, head: at, seen: at, label,
      story, checkpoints: from.checkpoints.filter((c) => c.at <= at),
    }
    this.branches.push(branch)
    this.currentId = branch.id
    return branch
  }

  /** The story as it stood at a past moment: from the nearest checkpoint, retold by a second run up to there. */
  private storyAt(from: Branch, at: number): Story {
    const checkpoint = from.checkpoints.findLast((c) => c.at <= at) as Checkpoint
    const story = copyState(checkpoint.story)
    const cluster = this.newCluster(checkpoint.cluster)
    const runTo = (until: number) => {
      // In bites, as when it was told first: the trace and etcd forget.
      while (!cluster.run(until, checkpointEvery)) story.readOn(cluster)
      story.readOn(cluster)
    }
    for (const { at: due, input } of from.inputs.slice(checkpoint.inputs, this.inputsDone)) {
      runTo(due)
      cluster.input(input)
    }
    runTo(at)
    return story
  }

  /** Goes to a moment of the current branch; towards the unknown future it only gets there as far as `mostEvents` allow. True when it got there. */
  seek(at: number, mostEvents?: number): boolean {
    const target = Math.max(0, Math.round(at))
    const { branch } = this
    const nearest = branch.checkpoints.findLast((c) => c.at <= target)
    if (nearest !== undefined && (target < this.now || nearest.at > this.now)) this.goTo(nearest)
    return this.run(target, mostEvents)
  }

  private goTo(checkpoint: Checkpoint): void {
    this.cluster.restore(checkpoint.cluster)
    this.inputsDone = checkpoint.inputs
    this.sinceCheckpoint = 0
  }

  /** Time of the picture of a step: a moment after it took effect, when watchers have heard of it, but before the next step. */
  pictureAt(n: number): number {
    const { story } = this.branch
    const step = story.step(n)
    // Of a future that is no more, or so old that it was dropped.
    if (step === undefined) return n > story.last ? this.now : 0
    const next = story.step(n + 1)
    // etcd has the next one's write a little before the API server answers for it.
    const before = (next?.hops.find(({ kind }) => kind === 'store')?.at ?? next?.at ?? 0) - 1
    return before >= step.endedAt ? Math.min(step.endedAt + settle, before) : step.endedAt + settle
  }

  /** Goes on to the next step, at most `mostEvents` events and `mostTime` µs far. Answers the step's number, or undefined when none came. */
  stepForward(mostEvents: number, mostTime: number): number | 'more' | undefined {
    const { story } = this.branch
    const from = story.stepAt(this.now)
    const n = from + 1
    if (story.step(n) === undefined) {
      if (!this.run(this.now + mostTime, mostEvents, n)) return 'more'
      if (story.step(n) === undefined) return undefined
    }
    // Identical writes may follow that belong to it, or another step may come at once: its turn is the next.
    if (story.step(n + 1) === undefined) this.run((story.step(n)?.at ?? this.now) + mergeWithin, undefined, n + 1)
    this.seek(this.pictureAt(n))
    return this.step
  }

  /** Changes to another branch, at the same time as far as it goes, or at `at`. */
  switchTo(id: number, at?: number): void {
    const branch = this.branches.find((b) => b.id === id)
    if (branch === undefined) return
    const target = at ?? Math.min(this.now, branch.seen)
    this.currentId = id
    this.goTo(branch.checkpoints.findLast((c) => c.at <= target) as Checkpoint)
    // What a saved branch did is told again, once, up to its head.
    if (branch.head < branch.seen) this.run(branch.seen)
    this.seek(target)
  }

  /** Keeps this moment. Takes a few milliseconds; only between slices, with all events of the moment done. */
  private saveCheckpoint(): void {
    const { branch, cluster } = this
    this.sinceCheckpoint = 0
    // In the past the story knows more than this moment: a checkpoint would tell what comes as what was.
    if (branch.checkpoints.some((c) => c.at === cluster.now) || branch.story.knows(cluster.sim.trace.nextId)) return
    branch.checkpoints.push({ at: cluster.now, handled: cluster.sim.state.handled, cluster: cluster.checkpoint(), story: copyState(branch.story), inputs: this.inputsDone })
    branch.checkpoints.sort((a, b) => a.at - b.at)
    if (branch.checkpoints.length > mostCheckpoints) branch.checkpoints.splice(mostCrowded(branch.checkpoints), 1)
  }

  /** A moment to peek ahead from: call the result to come back as if nothing had been simulated. */
  peek(): () => void {
    const { branch, cluster } = this
    const saved = { cluster: cluster.checkpoint(), story: copyState(branch.story), head: branch.head, inputs: this.inputsDone, checkpoints: branch.checkpoints.slice() }
    return () => {
      cluster.restore(saved.cluster)
      branch.story = saved.story
      branch.head = saved.head
      branch.checkpoints.splice(0, branch.checkpoints.length, ...saved.checkpoints)
      this.inputsDone = saved.inputs
    }
  }
}

/** The checkpoint that is missed least: without it, the fewest events lie between its neighbours. First and last stay. */
function mostCrowded(checkpoints: readonly Checkpoint[]): number {
  let found = 1
  let least = Number.POSITIVE_INFINITY
  for (let i = 1; i + 1 < checkpoints.length; i++) {
    const between = (checkpoints[i + 1] as Checkpoint).handled - (checkpoints[i - 1] as Checkpoint).handled
    if (between < least) [found, least] = [i, between]
  }
  return found
}

function labelOf(input: Input): string {
  if (input.type === 'interrupt') return 'Ctrl-C'
  // A line that is typed into what runs has no line break; a file that is edited has.
  if (input.type === 'edited') return input.text === null ? 'edit given up' : input.text.includes('\n') ? 'edit saved' : `> ${input.text.slice(0, 58)}`
  if (input.type === 'file') return `file ${input.path}`
  if (input.type === 'traffic') return input.do === 'send' ? `request ${input.request.to}` : input.do === 'start' ? `traffic to ${input.generator.to}` : `stop ${input.id}`
  return input.type === 'kubectl' ? input.line.replace(/^kubectl /, '').slice(0, 60) : captionOfFault(input.fault)
}
