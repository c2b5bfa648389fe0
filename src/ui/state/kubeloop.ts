import { immer } from 'zustand/middleware/immer'
import { createStore } from 'zustand/vanilla'
import type { Down, Input, NodeRow, ObjectRow, PodRow, Question, ServiceRow, Up, WorkloadRow } from '../../bridge/protocol'
import { SimClock } from '../kit'
import { applyFrame } from './apply-frame'
import { PodGroups } from './pod-groups'
import { emptySession, type Session } from './session'
import type { FeatureSlots } from './slots'
import { OutputLog, StepLog } from './step-log'
import { StepMotion } from './step-motion'
import { Table } from './table'
import { TrafficLog } from './traffic-log'
import { initialUi, type Selection, type Toast, type UiState } from './ui-state'

/** The page's end of the wire to the worker; `src/bridge` makes the real one. */
export interface Source {
  send(down: Down): void
  subscribe(listener: (up: Up) => void): () => void
  ask(question: Question): Promise<unknown>
  dispose(): void
}

/** One running cluster on the page. Made by a factory and handed down by context, so that several live on one page. */
export type Kubeloop = ReturnType<typeof createKubeloop>

/** What asks for another moment; a frame answers it. */
const moves: ReadonlySet<Down['type']> = new Set(['seek', 'step', 'milestone', 'branch', 'undo'])

/** Makes the state of a page around a source of frames. `apply-frame` is the one writer of what comes from frames. */
export function createKubeloop(source: Source, slots: FeatureSlots, ui: Partial<UiState> = {}) {
  const pods = new Table<PodRow>()
  const kubeloop = {
    source,
    slots,
    nodes: new Table<NodeRow>(),
    pods,
    podGroups: new PodGroups(pods),
    workloads: new Table<WorkloadRow>(),
    services: new Table<ServiceRow>(),
    objects: new Table<ObjectRow>(),
    steps: new StepLog(),
    output: new OutputLog(),
    traffic: new TrafficLog(),
    clock: new SimClock(),
    motion: new StepMotion(),
    session: createStore<Session>(() => emptySession),
    ui: createStore<UiState>()(immer(() => ({ ...initialUi, ...ui }))),
  }
  let inputs = 0
  let toasts = 0

  const toast = (message: Omit<Toast, 'id'>): void => {
    const id = ++toasts
    kubeloop.ui.setState((state) => ({ toasts: [...state.toasts.slice(-2), { ...message, id }] }))
  }

  return {
    ...kubeloop,
    /** Starts to listen; the returned function stops. */
    connect(): () => void {
      return source.subscribe((up) => {
        if (up.type === 'frame') {
          applyFrame(kubeloop, up)
          if (kubeloop.ui.getState().seeking) kubeloop.ui.setState({ seeking: false })
        }
        else if (up.type === 'hello') kubeloop.session.setState({ hello: up })
        else if (up.type === 'crash') kubeloop.session.setState({ crash: up })
        else if (up.type === 'refused') toast({ tone: 'error', text: up.error })
      })
    },
    send: (down: Down): void => {
      if (moves.has(down.type)) kubeloop.ui.setState({ seeking: true })
      source.send(down)
    },
    ask: (question: Question): Promise<unknown> => source.ask(question),
    input: (input: Input): void => source.send({ type: 'input', id: ++inputs, input }),
    toast,
    dismiss: (id: number): void => kubeloop.ui.setState((state) => ({ toasts: state.toasts.filter((t) => t.id !== id) })),
    select: (selection: Selection | null): void =>
      kubeloop.ui.setState((state) => ({ selection, hop: -1, inspector: selection ? true : state.inspector })),
    setUi: (change: Partial<UiState>): void => kubeloop.ui.setState(change),
  }
}

/** What apply-frame writes to. */
export type Model = Pick<
  Kubeloop,
  'source' | 'nodes' | 'pods' | 'podGroups' | 'workloads' | 'services' | 'objects' | 'steps' | 'output' | 'traffic' | 'clock' | 'motion' | 'session'
>
