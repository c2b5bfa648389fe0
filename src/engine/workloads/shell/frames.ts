import type { Frame, Thread } from './state'
import { parseScript, type Node } from './syntax'

/** A command about to run. */
export function frame(node: Node, call = false): Frame {
  return { node, pc: 0, list: [], until: -1, out: null, err: null, call }
}

/** A line of control about to run. */
export function newThread(id: number, node: Node): Thread {
  return { id, frames: [frame(node)], status: 0, waiting: false, cpuMillis: 0, memoryBytes: 0, processes: 0 }
}

/** Puts a script on top of a thread (`eval`, `sh -c`, a function, a trap). Answers a syntax error. */
export function pushScript(thread: Thread, script: string): string {
  const node = parseScript(script)
  if ('error' in node) return node.error
  thread.frames.push(frame(node, true))
  return ''
}

/** Puts a function's body on top of a thread. */
export function pushCall(thread: Thread, body: Node): void {
  thread.frames.push(frame(body, true))
}
