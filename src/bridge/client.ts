import type { Answer, Down, Question, Up } from './protocol'

/** The page's end of the boundary: inputs go down, frames come up. */
export interface EngineClient {
  send(down: Down): void
  /** Calls the listener for every message from the worker; answers a function that stops it. */
  subscribe(listener: (up: Up) => void): () => void
  /** Asks about the present moment. Errors: rejects with the worker's reason. */
  ask(question: Question): Promise<unknown>
  dispose(): void
}

/** Starts a worker with an engine in it. */
export function createClient(): EngineClient {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'kubeloop-engine' })
  const listeners = new Set<(up: Up) => void>()
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
  let nextId = 1
  const tell = (up: Up) => {
    for (const listener of listeners) listener(up)
  }
  const settle = (up: Answer) => {
    const w = waiting.get(up.id)
    waiting.delete(up.id)
    if (up.error === undefined) w?.resolve(up.value)
    else w?.reject(new Error(up.error))
  }
  worker.onmessage = (event: MessageEvent<Up>) => {
    if (event.data.type === 'answer') settle(event.data)
    else tell(event.data)
  }
  worker.onerror = (event) => {
    event.preventDefault()
    tell({ type: 'crash', message: event.message || 'The simulation could not be loaded.', report: JSON.stringify({ kubeloop: 'crash report', message: event.message, file: event.filename, line: event.lineno }, null, 1), after: 'stopped' })
  }
  return {
    send: (down) => worker.postMessage(down),
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    ask: (question) =>
      new Promise((resolve, reject) => {
        const id = nextId++
        waiting.set(id, { resolve, reject })
        worker.postMessage({ type: 'ask', id, question } satisfies Down)
      }),
    dispose: () => {
      worker.terminate()
      listeners.clear()
      for (const { reject } of waiting.values()) reject(new Error('The simulation was closed.'))
      waiting.clear()
    },
  }
}
