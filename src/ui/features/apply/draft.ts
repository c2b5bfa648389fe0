import { useSyncExternalStore } from 'react'
import type { TriedCommand } from '../../../bridge/protocol'
import type { Kubeloop } from '../../state'

/** What is being written, kept while its panel is closed. */
export interface Draft {
  readonly text: string
  /** Why something was not taken in. */
  readonly refusal: string | null
  /** The command that was sent: its output comes after the output row of this command number. */
  readonly sentAfter: number | null
  /** A line that was tried instead of sent, and what it would have printed; null while it is asked. */
  readonly tried: { readonly line: string; readonly result: TriedCommand | null } | null
  /** The command that the main button sends. */
  readonly command: string
}

/** Two texts of a page: manifests to apply, and an object that is edited. */
export type DraftId = 'manifests' | 'object'

export const applyCommand = 'kubectl apply -f -'

/** No answer is shown. */
export const noAnswer = { refusal: null, sentAfter: null, tried: null } as const

const empty: Draft = { ...noAnswer, text: '', command: applyCommand }

interface Drafts {
  readonly of: Map<DraftId, Draft>
  readonly listeners: Set<() => void>
}

const all = new WeakMap<Kubeloop, Drafts>()

function draftsOf(kubeloop: Kubeloop): Drafts {
  let drafts = all.get(kubeloop)
  if (!drafts) all.set(kubeloop, (drafts = { of: new Map(), listeners: new Set() }))
  return drafts
}

/** A draft, followed. */
export function useDraft(kubeloop: Kubeloop, id: DraftId = 'manifests'): Draft {
  return useSyncExternalStore(
    (wake) => {
      const { listeners } = draftsOf(kubeloop)
      listeners.add(wake)
      return () => listeners.delete(wake)
    },
    () => draftsOf(kubeloop).of.get(id) ?? empty,
  )
}

/** Changes a draft. */
export function changeDraft(kubeloop: Kubeloop, change: Partial<Draft>, id: DraftId = 'manifests'): void {
  const { of, listeners } = draftsOf(kubeloop)
  of.set(id, { ...(of.get(id) ?? empty), ...change })
  for (const listener of listeners) listener()
}
