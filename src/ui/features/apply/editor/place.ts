/** Where the cursor stands in a manifest. */
export interface Place {
  /** Keys from the top of the document to the mapping or value at the cursor; `[]` stands for an item of a list. */
  readonly path: readonly string[]
  /** `key`: a key is being written into the mapping at `path`; `value`: the value of `path`'s last key. */
  readonly at: 'key' | 'value'
  /** The word at the cursor, and its columns in the line. */
  readonly word: string
  readonly from: number
  readonly to: number
  /** Keys that the same mapping has already. */
  readonly siblings: ReadonlySet<string>
  /** Column in which the key stands. */
  readonly column: number
}

interface Line {
  readonly dashes: readonly number[]
  /** Column of what follows spaces and dashes. */
  readonly column: number
  readonly key: string | null
  readonly value: string
  readonly rest: string
}

/**
 * Reads the place from indentation alone, so that it works in documents that do not parse (yet).
 * Answers null where YAML's block style says nothing: in comments, flow collections and block scalars.
 */
export function placeAt(lines: readonly string[], lineNumber: number, column: number): Place | null {
  const text = lines[lineNumber] ?? ''
  if (text.startsWith('---') || /^\s*#/.test(text)) return null
  const here = lineOf(text)
  const before = text.slice(here.column, Math.max(here.column, column))
  const colon = /:(?=\s|$)/.exec(here.rest)
  const inValue = colon !== null && column > here.column + colon.index
  if (/^\s*[{[]/.test(inValue ? here.value : here.rest)) return null
  let start: number
  let end: number
  if (inValue && colon) {
    start = here.column + colon.index + 1
    while (text[start] === ' ') start++
    end = text.length
    start = Math.min(start, Math.max(column, here.column + colon.index + 1))
  } else {
    start = here.column
    end = here.column + (colon ? colon.index : here.rest.length)
    if (/\s/.test(before.trimEnd()) && !colon) return null
  }
  // An empty line belongs to where the cursor stands, not to where its spaces end.
  const keyColumn = here.rest === '' ? Math.max(here.dashes.length > 0 ? here.column : 0, column) : here.column
  if (here.rest === '') start = end = column
  const path = parentsOf(lines, lineNumber, here, keyColumn)
  if (path === null) return null
  return {
    path: inValue && here.key !== null ? [...path, here.key] : path,
    at: inValue ? 'value' : 'key',
    word: text.slice(start, end).trim(), from: start, to: end,
    siblings: siblingsOf(lines, lineNumber, keyColumn, here), column: keyColumn,
  }
}

function lineOf(text: string): Line {
  const dashes: number[] = []
  let column = /^ */.exec(text)?.[0].length ?? 0
  while (text[column] === '-' && (text[column + 1] === ' ' || column + 1 === text.length)) {
    dashes.push(column)
    column++
    while (text[column] === ' ') column++
  }
  const rest = text.slice(column).replace(/(^|\s)#.*$/, '').trimEnd()
  const pair = /^("[^"]*"|'[^']*'|[^\s:#{}[\],&*!|>'"%@`][^:]*?|[^\s:]+):(?=\s|$)\s*(.*)$/.exec(rest)
  return { dashes, column, rest, key: pair ? (pair[1] ?? '').replace(/^(['"])(.*)\1$/, '$2') : null, value: pair?.[2] ?? '' }
}

/** Climbs to the top of the document: what is less indented holds what is more. */
function parentsOf(lines: readonly string[], lineNumber: number, here: Line, keyColumn: number): string[] | null {
  const path: string[] = []
  let column = keyColumn
  let list = false
  const climb = (dashes: readonly number[]): void => {
    for (const dash of dashes.toReversed()) {
      path.unshift('[]')
      column = dash
      list = true
    }
  }
  climb(here.dashes)
  for (let i = lineNumber - 1; i >= 0 && !(column === 0 && !list); i--) {
    const text = lines[i] ?? ''
    if (text.startsWith('---')) break
    const line = lineOf(text)
    if (line.rest === '' && line.dashes.length === 0) continue
    const holds = line.column < column || (list && line.column === column && line.dashes.length === 0)
    if (line.key !== null && holds) {
      if (/^[|>]/.test(line.value)) return null // text
      if (line.value !== '' && !/^[&!]\S+$/.test(line.value)) continue
      path.unshift(line.key)
      column = line.column
      list = false
      climb(line.dashes)
    } else if (line.dashes.length > 0 && line.column === column && !list) climb(line.dashes)
    else if (line.dashes.length > 0 && line.rest === '' && (line.dashes.at(-1) ?? 0) < column && !list) climb(line.dashes)
  }
  return path
}

function siblingsOf(lines: readonly string[], lineNumber: number, column: number, here: Line): ReadonlySet<string> {
  const keys = new Set<string>()
  const look = (from: number, by: 1 | -1): void => {
    for (let i = from; i >= 0 && i < lines.length; i += by) {
      const text = lines[i] ?? ''
      if (text.startsWith('---')) return
      const line = lineOf(text)
      if (line.rest === '' && line.dashes.length === 0) continue
      const first = line.dashes[0]
      if (by === 1 && first !== undefined && first < column) return // the next item
      if (line.column < column) return
      if (line.column === column && line.key !== null) keys.add(line.key)
      if (by === -1 && first !== undefined && first < column && line.column === column) return // where this item begins
    }
  }
  if (here.dashes.length === 0) look(lineNumber - 1, -1)
  look(lineNumber + 1, 1)
  return keys
}
