import { useSyncExternalStore } from 'react'
import type { TriedCommand } from '../../../bridge/protocol'
import type { Kubeloop } from '../../state'

/** What is being written, kept while its panel is closed; one per cluster on the page. */
export interface Draft {
  readonly text: string
  /** Why something was not taken in. */
  readonly refusal: string | null
  /** The command that was sent: its output comes after the output row of this command number. */
  readonly sentAfter: number | null
  /** A line that was tried instead of sent, and what it would have printed; null while it is asked. */
  readonly tried: { readonly line: string; readonly result: TriedCommand | null } | null
  /** The command that Apply sends; an object that is being edited is replaced. */
  readonly command: string
}

export const applyCommand = 'kubectl apply -f -'

const empty: Draft = { text: '', refusal: null, sentAfter: null, tried: null, command: applyCommand }
const drafts = new WeakMap<Kubeloop, { draft: Draft; listeners: Set<() => void> }>()

function slotOf(kubeloop: Kubeloop) {
  let slot = drafts.get(kubeloop)
  if (!slot) drafts.set(kubeloop, (slot = { draft: empty, listeners: new Set() }))
  return slot
}

/** The draft, and what changes it. */
export function useDraft(kubeloop: Kubeloop): Draft {
  return useSyncExternalStore(
    (wake) => {
      const { listeners } = slotOf(kubeloop)
      listeners.add(wake)
      return () => listeners.delete(wake)
    },
    () => slotOf(kubeloop).draft,
  )
}

export function changeDraft(kubeloop: Kubeloop, change: Partial<Draft>): void {
  const slot = slotOf(kubeloop)
  slot.draft = { ...slot.draft, ...change }
  for (const listener of slot.listeners) listener()
}
