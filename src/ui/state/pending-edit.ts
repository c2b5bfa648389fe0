import type { OutputRow } from '../../bridge/protocol'

/** A text that a command (`kubectl edit`, `vi`) waits for. */
export interface PendingEdit {
  readonly command: number
  readonly at: number
  readonly path: string
  readonly text: string
}

/** The newest edit that a command waits for now. */
export function pendingEdit(rows: readonly OutputRow[]): PendingEdit | null {
  const row = waiting(rows, 'edit')
  return row && { command: row.command, at: row.at, ...(JSON.parse(row.text) as { path: string; text: string }) }
}

/** The prompt of a command that runs and waits for a line (`kubectl exec -it`, `read`). */
export function pendingPrompt(rows: readonly OutputRow[]): OutputRow | null {
  return waiting(rows, 'prompt')
}

/** The newest row of a stream after which nothing of its command came. */
function waiting(rows: readonly OutputRow[], stream: OutputRow['stream']): OutputRow | null {
  const later = new Set<number>()
  for (let i = rows.length - 1; i >= 0; i--) {
    const row = rows[i]
    if (row?.stream === stream && !later.has(row.command)) return row
    if (row) later.add(row.command)
  }
  return null
}
