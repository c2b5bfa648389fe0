import { at, type Thing } from './api'
import type { Io } from './io'
import { kindDotGroup, type Mapping } from './rest-mapper'
import { tabwrite } from './tabwriter'

/** A server-side table. Upstream: meta.k8s.io/v1 Table */
export interface Table extends Thing {
  readonly columnDefinitions: readonly { readonly name: string; readonly type: string; readonly priority: number }[]
  readonly rows: readonly { readonly cells: readonly unknown[]; readonly object?: Thing }[]
}

/** How tables are shown. */
export interface TableOptions {
  readonly wide: boolean
  readonly withNamespace: boolean
  readonly withKind: boolean
  readonly noHeaders: boolean
  readonly showLabels: boolean
  readonly labelColumns: readonly string[]
  /** Print what a watch brought before each row. */
  readonly event?: string
}

/** Prints tables of one kind after another; columns line up within one kind, and a new kind begins anew (SetRememberedWidths(nil)). Upstream: cli-runtime/printers tableprinter.go */
export class TablePrinter {
  private lines = ''
  private kind: string | undefined
  /** Rows written. */
  written = 0
  private widths: readonly number[] = []

  constructor(
    private readonly io: Io,
    private readonly options: TableOptions,
  ) {}

  add(table: Table, mapping: Mapping, event = ''): void {
    if (table.rows.length === 0) return
    const o = this.options
    const key = `${mapping.resource}.${mapping.group}`
    const namespaced = o.withNamespace && mapping.namespaced
    const shown = table.columnDefinitions.map((c, i) => ({ ...c, i })).filter((c) => o.wide || c.priority === 0)
    if (this.kind !== key) {
      this.flush()
      this.widths = []
      if (this.kind !== undefined) this.lines = '\n'
      if (!o.noHeaders) {
        const heads = [...(o.event === undefined ? [] : ['EVENT']), ...(namespaced ? ['NAMESPACE'] : []), ...shown.map((c) => c.name.toUpperCase()), ...o.labelColumns.map((l) => l.slice(l.lastIndexOf('/') + 1).toUpperCase()), ...(o.showLabels ? ['LABELS'] : [])]
        this.lines += `${heads.join('\t')}\n`
      }
      this.kind = key
    }
    for (const row of table.rows) {
      const labels = at<Record<string, string>>(row.object, 'metadata', 'labels') ?? {}
      const cells = shown.map((c, k) => {
        const text = oneLine(cellText(row.cells[c.i]))
        return k === 0 && o.withKind ? `${kindDotGroup(mapping)}/${text}` : text
      })
      if (namespaced) cells.unshift(row.object?.metadata.namespace ?? '')
      if (o.event !== undefined) cells.unshift(event)
      for (const l of o.labelColumns) cells.push(labels[l] ?? '')
      if (o.showLabels) cells.push(labelText(labels))
      this.lines += `${cells.join('\t')}\n`
      this.written++
    }
  }

  /** Writes what is gathered, lined up. A watch flushes after each event and keeps the widths of before. */
  flush(): void {
    if (this.lines === '') return
    this.io.out(tabwrite(this.lines, 6, 3, this.widths))
    this.widths = widthsOf(this.lines, this.widths)
    this.lines = ''
  }
}

function widthsOf(lines: string, before: readonly number[]): readonly number[] {
  const widths = [...before]
  for (const line of lines.split('\n')) {
    for (const [i, cell] of line.split('\t').slice(0, -1).entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length + 3)
  }
  return widths
}

/** `a=b,c=d`, sorted; `<none>` without labels. Upstream: labels.FormatLabels */
export function labelText(labels: Readonly<Record<string, string>>): string {
  const text = Object.keys(labels).sort().map((k) => `${k}=${labels[k]}`).join(',')
  return text === '' ? '<none>' : text
}

function cellText(cell: unknown): string {
  if (cell === null || cell === undefined) return '<none>'
  return Array.isArray(cell) ? `[${cell.join(' ')}]` : String(cell)
}

/** Text up to its first line break, with `...` where more was. Upstream: printers terminal.go, tableprinter.go printRows */
function oneLine(text: string): string {
  const end = text.search(/[\n\f\r]/)
  const line = end < 0 ? text : `${text.slice(0, end)}...`
  // eslint-disable-next-line no-control-regex
  return line.replaceAll('\x1b', '^[').replace(/[\x00-\x08\x0b-\x1f]/g, ' ')
}
