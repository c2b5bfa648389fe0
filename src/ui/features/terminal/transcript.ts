import type { OutputRow } from '../../../bridge/protocol'

/** Rows of a typed line that are shown; a pasted manifest is not repeated in full. */
const mostEcho = 12

/** Most of the past that is written when all of it has to be. Units: characters. */
const mostText = 300_000

/** Escape sequences of the terminal's own colours. */
export const sgr = { accent: '\x1b[1;34m', dim: '\x1b[90m', error: '\x1b[91m', off: '\x1b[0m', invert: '\x1b[7m' } as const

/** One row of output as a terminal prints it. */
export function textOf(row: OutputRow): string {
  switch (row.stream) {
    case 'line': return `${sgr.accent}$ ${sgr.off}${echoOf(row.text)}\n`
    case 'stdout': return row.text
    case 'stderr': return `${sgr.error}${row.text.replace(/\n$/, '')}${sgr.off}${row.text.endsWith('\n') ? '\n' : ''}`
    case 'exit': return row.text === '130' ? '^C\n' : ''
    case 'prompt': return row.text
    case 'edit': return `${sgr.dim}(waits for the text in the editor)${sgr.off}\n`
  }
}

/** A typed line, its further rows behind `> `. */
function echoOf(line: string): string {
  const rows = line.split('\n')
  const shown = rows.length > mostEcho ? [...rows.slice(0, mostEcho - 2), `${sgr.dim}… ${rows.length - mostEcho + 1} more${sgr.off}`, rows.at(-1) ?? ''] : rows
  return shown.join('\n> ')
}

/** What has to be written so that a screen that shows `before` shows `after`: more of it, or all anew. */
export function difference(before: readonly OutputRow[], after: readonly OutputRow[]): { readonly anew: boolean; readonly rows: readonly OutputRow[] } {
  const same = after.length >= before.length && before.every((row, i) => sameRow(row, after[i]))
  if (same) return { anew: false, rows: after.slice(before.length) }
  let length = 0
  let from = after.length
  while (from > 0 && length < mostText) length += after[--from]?.text.length ?? 0
  return { anew: true, rows: after.slice(from) }
}

function sameRow(a: OutputRow, b: OutputRow | undefined): boolean {
  return a === b || (b !== undefined && a.command === b.command && a.at === b.at && a.stream === b.stream && a.text === b.text)
}

/** The same as plain lines, for a screen reader: the newest, colours and controls taken out. */
export function plainLines(rows: readonly OutputRow[], most = 200): readonly string[] {
  // oxlint-disable-next-line no-control-regex
  const text = rows.slice(-most).map((row) => textOf(row).replace(/\x1b\[[0-9;]*[A-Za-z]/g, '')).join('')
  return text.split('\n').slice(-most - 1).filter((line, i, all) => i < all.length - 1 || line !== '')
}
