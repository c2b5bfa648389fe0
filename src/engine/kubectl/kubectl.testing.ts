import type { KubeObject } from '../apimachinery'
import type { ApiResponse, RequestInit, WatchEvent } from '../client-go'
import { TestServer } from '../kube-apiserver/testing'
import { SECOND, type Ctx } from '../sim'
import { run, type Shell } from './command'
import { Again, Exit, Io, Suspended, type Recorded } from './io'
import { kubectl, type CommandOutput, type Edited } from './process'
import { changed, newMachine, type MachineState } from './shell/machine'

/** What a command printed. */
export interface Ran {
  readonly rc: number
  readonly stdout: string
  readonly stderr: string
}

/** What a watch gives, one after another; after the last it is silent. `stop`: it is closed so many µs later. */
export type FakeWatch = readonly (WatchEvent | { readonly stop: number })[]

/** Runs a line against canned answers, without a simulation. `answer` gives a response to each request, `watch` what the nth watch gives; else watches give nothing. */
export function runFake(line: string, answer: (request: RequestInit) => ApiResponse, options: { stdin?: string; shell?: Shell; machine?: MachineState; edit?: (text: string) => string | null; watch?: (request: RequestInit, nth: number) => FakeWatch } = {}): Ran & { readonly requests: readonly RequestInit[]; readonly machine: MachineState } {
  const recorded: Recorded[] = []
  const start = options.machine ?? newMachine()
  const requests: RequestInit[] = []
  const watches: (FakeWatch[number] | undefined)[][] = []
  let now = 1_767_225_600_000_000
  // What was printed before answers were forgotten.
  const printed = { stdout: '', stderr: '' }
  const ctx = { wallMicros: () => now, rng: { below: () => 0 } } as unknown as Ctx
  for (let turn = 0; turn < 800; turn++) {
    const io = new Io(recorded, ctx, options.stdin, start)
    const out = (more = ''): { stdout: string; stderr: string } => ({ stdout: printed.stdout + io.stdout, stderr: printed.stderr + io.stderr + more })
    const machine = (): MachineState => changed(start, io.machine.change() ?? { type: 'shell/change', files: {} })
    try {
      const rc = run(line, options.shell ?? { namespace: 'default' }, io)
      return { rc, ...out(), requests, machine: machine() }
    } catch (thrown) {
      if (thrown instanceof Exit) return { rc: thrown.code, ...out(thrown.message === '' ? '' : `${thrown.message}\n`), requests, machine: machine() }
      if (thrown instanceof Again) {
        Object.assign(printed, out())
        recorded.splice(0, recorded.length, { memory: thrown.memory })
        continue
      }
      if (!(thrown instanceof Suspended)) throw thrown
      const { wait } = thrown
      if (wait.on === 'responses') {
        requests.push(...wait.requests)
        recorded.push({ responses: wait.requests.map(answer) })
      } else if (wait.on === 'sleep') {
        now += wait.for
        recorded.push({ slept: true })
      } else if (wait.on === 'edit') recorded.push({ edited: options.edit?.(wait.text) ?? null })
      else if (wait.on === 'prompt') recorded.push({ edited: null })
      else if (wait.on === 'answer') recorded.push({ answer: null })
      // A person would press Ctrl-C.
      else if (wait.on === 'interrupt') return { rc: 130, ...out(), requests, machine: machine() }
      else if (options.watch !== undefined) {
        if (wait.on === 'watch') {
          requests.push(wait.request)
          watches[wait.index] = [...options.watch(wait.request, watches.length)]
        }
        const event = watches[wait.index]?.shift()
        const silent = event === undefined || ('stop' in event && wait.timeout !== null && event.stop > wait.timeout)
        now += silent ? (wait.timeout ?? 0) : 'stop' in event ? event.stop : 0
        recorded.push({ event: silent ? { type: wait.timeout === null ? 'refused' : 'timeout', ...(wait.timeout === null ? { response: notFound } : {}) } : 'stop' in event ? { type: 'closed' } : event })
      } else {
        now += wait.timeout ?? 0
        recorded.push({ event: { type: wait.timeout === null ? 'refused' : 'timeout', ...(wait.timeout === null ? { response: notFound } : {}) } })
      }
    }
  }
  throw new Error(`${line} never ends`)
}

/** A plain 404. */
export const notFound: ApiResponse = { code: 404, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason: 'NotFound', message: 'the server could not find the requested resource', code: 404, details: {} } as unknown as KubeObject }

/** A control plane with a kubectl next to it. */
export class TestShell {
  readonly server: TestServer
  private next = 1
  namespace = 'default'
  explicit = true
  /** What a person makes of a text; null: gives up. */
  editor: (text: string) => string | null = () => null

  constructor() {
    this.server = new TestServer({ behaviours: [kubectl] })
    this.server.run(10 * SECOND)
  }

  /** Types a line and waits until it ends. */
  run(line: string, stdin?: string): Ran {
    const { sim } = this.server
    const command = this.next++
    const first = sim.trace.nextId
    sim.act(0, (ctx) => ctx.spawn(`kubectl/${command}`, 'kubectl', 'you', { command, line, stdin, namespace: this.namespace, explicitNamespace: this.explicit }))
    let out = { rc: -1, stdout: '', stderr: '' }
    let answered = 0
    for (let turn = 0; turn < 200 && out.rc < 0; turn++) {
      this.server.run(SECOND)
      out = { rc: -1, stdout: '', stderr: '' }
      const edits: string[] = []
      sim.trace.forEach(first, (record) => {
        const o = record.detail as CommandOutput
        if (record.kind !== 'output' || o.command !== command) return
        if (o.stream === 'exit') out.rc = Number(o.text)
        else if (o.stream === 'edit' || o.stream === 'prompt') edits.push(o.stream === 'edit' ? o.text : JSON.stringify({ text: '' }))
        else if (o.stream !== 'line') out[o.stream] += o.text
      })
      for (const asked of edits.slice(answered)) {
        const edited: Edited = { type: 'kubectl/edited', text: this.editor((JSON.parse(asked) as { text: string }).text) }
        sim.post(`kubectl/${command}`, edited)
      }
      answered = edits.length
    }
    return out
  }
}
