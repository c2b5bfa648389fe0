/**
 * Aligns text whose cells end in tabs: consecutive lines that have a cell in a column share that column's width.
 * `remembered` holds widths of earlier texts that a column keeps. Upstream: Go's text/tabwriter, padding with spaces.
 */
export function tabwrite(text: string, minWidth: number, padding: number, remembered: readonly number[] = []): string {
  const newline = text.endsWith('\n')
  const lines = (newline ? text.slice(0, -1) : text).split('\n').map((l) => l.split('\t'))
  const out: string[] = lines.map(() => '')
  align(lines, out, 0, lines.length, 0, minWidth, padding, remembered)
  return out.join('\n') + (newline ? '\n' : '')
}

/** Formats cells from `column` on of the lines [from, to), which all have their cells before `column` written. */
function align(lines: readonly string[][], out: string[], from: number, to: number, column: number, minWidth: number, padding: number, remembered: readonly number[]): void {
  let i = from
  while (i < to) {
    // The last cell of a line is not part of a column: no tab ends it.
    if ((lines[i] as string[]).length - 1 <= column) {
      out[i] += (lines[i] as string[])[column] ?? ''
      i++
      continue
    }
    let end = i
    let width = Math.max(minWidth, remembered[column] ?? 0)
    for (; end < to && (lines[end] as string[]).length - 1 > column; end++) {
      const length = runes((lines[end] as string[])[column] as string)
      width = Math.max(width, length + padding)
    }
    for (let k = i; k < end; k++) {
      const cell = (lines[k] as string[])[column] as string
      out[k] += cell + ' '.repeat(width - runes(cell))
    }
    align(lines, out, i, end, column + 1, minWidth, padding, remembered)
    i = end
  }
}

function runes(text: string): number {
  let n = text.length
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c >= 0xdc00 && c <= 0xdfff) n--
  }
  return n
}

/** Rows as kubectl's tables print them: columns of at least 6 with three spaces between. Upstream: cli-runtime/printers GetNewTabWriter */
export function tableText(rows: readonly (readonly string[])[]): string {
  return tabwrite(rows.map((r) => `${r.join('\t')}\n`).join(''), 6, 3)
}
