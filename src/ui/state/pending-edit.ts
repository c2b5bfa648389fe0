import type { OutputRow } from '../../bridge/protocol'

/** A text that a command (`kubectl edit`, `vi`) waits for. */
export interface PendingEdit {
  readonly command: number
  readonly at: number
  readonly path: string
  readonly text: string
}

/** The newest edit that a command waits for now: nothing of that command came after it. */
export function pendingEdit(rows: readonly OutputRow[]): PendingEdit | null {
  const later = new Set<number>()
  for (let i = rows.length - 1; i >= 0; i--) {
    const row = rows[i]
    if (row?.stream === 'edit' && !later.has(row.command)) return { command: row.command, at: row.at, ...(JSON.parse(row.text) as { path: string; text: string }) }
    if (row) later.add(row.command)
  }
  return null
}
