/** What is being written. `cursor` counts UTF-16 units; a line may have several rows while a quote or a here-document is open. */
export interface Editing {
  readonly text: string
  readonly cursor: number
  /** Search backwards through the history (Ctrl-R). */
  readonly search: { readonly query: string; readonly match: string | null } | null
  /** Words that could stand at the cursor, shown under the line; `chosen` is the one that Tab has put in. */
  readonly menu: { readonly options: readonly string[]; readonly from: number; readonly chosen: number } | null
}

/** What the keys ask for beyond writing. */
export type Effect = { readonly do: 'submit'; readonly line: string } | { readonly do: 'interrupt' } | { readonly do: 'complete' } | { readonly do: 'clear' } | { readonly do: 'bell' } | { readonly do: 'end' }

/** Longest line that is taken. Units: characters; a here-document of a large manifest fits. */
export const mostLine = 1024 * 1024

const nothing: Editing = { text: '', cursor: 0, search: null, menu: null }

/** A shell's line: what keys do to it, as readline binds them. Knows nothing of a screen. */
export class LineEditor {
  state: Editing = nothing
  /** Lines that the arrows and Ctrl-R bring back, oldest first. */
  history: readonly string[] = []
  private back = 0
  private draft = ''
  private killed = ''
  /** The here-document that is being written, known to be open: rows after it need not be read again. */
  private hereDocument: HereDocument | null = null
  /** Its newest row: to look for it in the whole text would copy that for each row. */
  private row = ''

  /** Takes what a terminal sends for keys. Answers the effects, in order. */
  input(data: string): readonly Effect[] {
    const effects: Effect[] = []
    // oxlint-disable-next-line no-control-regex
    for (const [key] of data.matchAll(/\x1b\[[0-9;]*[A-Za-z~]|\x1bO[A-Z]|\x1b[\s\S]|[\x00-\x1f\x7f]|[^\x00-\x1f\x7f]+/g)) {
      const effect = this.state.search ? this.searchKey(key) : this.key(key)
      if (effect) effects.push(effect)
    }
    return effects
  }

  /** Puts in what completion found: `from` is where the word began. */
  complete(from: number, options: readonly string[]): readonly Effect[] {
    const { text, cursor } = this.state
    const word = text.slice(from, cursor)
    const fitting = options.filter((option) => option.startsWith(word))
    if (fitting.length === 0) return [{ do: 'bell' }]
    const common = commonStart(fitting)
    if (fitting.length === 1) {
      const [only = ''] = fitting
      this.replace(from, cursor, only + (/[=/]$/.test(only) || text[cursor] === ' ' ? '' : ' '))
    } else if (common.length > word.length) this.replace(from, cursor, common)
    if (fitting.length > 1) this.state = { ...this.state, menu: { options: fitting, from, chosen: -1 } }
    return []
  }

  clear(): void {
    this.hereDocument = null
    this.state = nothing
    this.back = 0
  }

  private key(key: string): Effect | undefined {
    const { text, cursor, menu } = this.state
    if (key === '\t') return menu && menu.options.length > 0 ? this.cycle(1) : { do: 'complete' }
    if (key === '\x1b[Z') return menu ? this.cycle(-1) : undefined
    if (menu) this.state = { ...this.state, menu: null }
    switch (key) {
      case '\r': case '\n': return this.enter()
      case '\x03': return { do: 'interrupt' }
      case '\x0c': return { do: 'clear' }
      case '\x12': return this.searchOn('')
      case '\x7f': case '\b': return this.replace(previous(text, cursor), cursor, '')
      case '\x04': return text === '' ? { do: 'end' } : this.replace(cursor, next(text, cursor), '')
      case '\x1b[3~': return this.replace(cursor, next(text, cursor), '')
      case '\x1b[D': case '\x02': case '\x1bOD': return this.move(previous(text, cursor))
      case '\x1b[C': case '\x06': case '\x1bOC': return this.move(next(text, cursor))
      case '\x1b[1;5D': case '\x1bb': case '\x1b[1;3D': return this.move(wordStart(text, cursor))
      case '\x1b[1;5C': case '\x1bf': case '\x1b[1;3C': return this.move(wordEnd(text, cursor))
      case '\x1b[H': case '\x1bOH': case '\x01': case '\x1b[1~': return this.move(text.lastIndexOf('\n', cursor - 1) + 1)
      case '\x1b[F': case '\x1bOF': case '\x05': case '\x1b[4~': return this.move(rowEnd(text, cursor))
      case '\x1b[A': case '\x10': case '\x1bOA': return this.recall(1)
      case '\x1b[B': case '\x0e': case '\x1bOB': return this.recall(-1)
      case '\x15': return this.kill(0, cursor)
      case '\x0b': return this.kill(cursor, rowEnd(text, cursor))
      case '\x17': case '\x1b\x7f': return this.kill(spaceStart(text, cursor), cursor)
      case '\x1bd': return this.kill(cursor, wordEnd(text, cursor))
      case '\x19': return this.insert(this.killed)
      case '\x14': return this.swap()
      default: return key.charCodeAt(0) < 32 || key === '\x7f' ? undefined : this.insert(key)
    }
  }

  private searchKey(key: string): Effect | undefined {
    const { search } = this.state
    if (!search) return undefined
    if (key === '\x12') return this.searchOn(search.query, search.match)
    if (key === '\x7f' || key === '\b') return this.searchOn(search.query.slice(0, -1))
    if (key === '\x07' || key === '\x03') {
      this.state = { ...this.state, search: null }
      return undefined
    }
    if (key.charCodeAt(0) >= 32) return this.searchOn(search.query + key)
    this.leaveSearch()
    return key === '\x1b' ? undefined : this.key(key)
  }

  private searchOn(query: string, before: string | null = null): undefined {
    const newestFirst = [...new Set(this.history.toReversed())]
    const from = before === null ? 0 : newestFirst.indexOf(before) + 1
    const match = query === '' ? null : (newestFirst.slice(from).find((line) => line.includes(query)) ?? (before === null ? null : before))
    this.state = { ...this.state, menu: null, search: { query, match } }
  }

  /** What was found becomes the line. */
  private leaveSearch(): void {
    const { search, text } = this.state
    if (!search) return
    const found = search.match ?? text
    this.state = { ...nothing, text: found, cursor: found.length }
  }

  private enter(): Effect | undefined {
    const { text } = this.state
    const goesOn = this.hereDocument !== null && !endsAt(this.row, this.hereDocument)
    const open = goesOn ? this.hereDocument : openAt(text)
    if (open !== null) {
      this.hereDocument = open === 'more' ? null : open
      this.row = ''
      this.state = { ...nothing, text: `${text}\n`, cursor: text.length + 1 }
      return undefined
    }
    this.clear()
    return { do: 'submit', line: text }
  }

  private insert(words: string): undefined {
    const { text, cursor } = this.state
    if (text.length + words.length > mostLine) return
    this.replace(cursor, cursor, words)
  }

  private replace(from: number, to: number, words: string): undefined {
    const { text } = this.state
    this.back = 0
    if (from < text.length) this.hereDocument = null
    else this.row += words
    this.state = { ...this.state, text: text.slice(0, from) + words + text.slice(to), cursor: from + words.length, menu: null }
  }

  private move(cursor: number): undefined {
    this.state = { ...this.state, cursor }
  }

  private kill(from: number, to: number): undefined {
    if (to > from) this.killed = this.state.text.slice(from, to)
    this.replace(from, to, '')
  }

  private swap(): undefined {
    const { text, cursor } = this.state
    const at = cursor === text.length ? cursor - 1 : cursor
    if (at < 1) return
    this.replace(at - 1, at + 1, `${text[at] ?? ''}${text[at - 1] ?? ''}`)
  }

  private recall(by: 1 | -1): undefined {
    const lines = this.history.filter((line, i) => line !== this.history[i - 1])
    if (this.back === 0) this.draft = this.state.text
    const back = Math.max(0, Math.min(lines.length, this.back + by))
    if (back === this.back) return
    this.back = back
    this.hereDocument = null
    const text = back === 0 ? this.draft : (lines[lines.length - back] ?? '')
    this.state = { ...nothing, text, cursor: text.length }
  }

  private cycle(by: 1 | -1): undefined {
    const { menu, cursor } = this.state
    if (!menu) return
    const chosen = (menu.chosen + by + menu.options.length + (menu.chosen < 0 && by < 0 ? 1 : 0)) % menu.options.length
    this.replace(menu.from, cursor, menu.options[chosen] ?? '')
    this.state = { ...this.state, menu: { ...menu, chosen } }
  }
}

/** Text from the clipboard as the keys that would write it: rows end with Enter, nothing of it is a command to the editor. */
export function asKeys(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll('\r\n', '\n').replaceAll('\t', '  ').replace(/[\x00-\x09\x0b-\x1f\x7f]/g, '').replaceAll('\n', '\r')
}

interface HereDocument {
  readonly word: string
  readonly tabs: boolean
}

const endsAt = (row: string, { word, tabs }: HereDocument): boolean => (tabs ? row.replace(/^\t+/, '') : row) === word

/** What a shell would wait for: the end of a here-document, more of a quote or after a backslash, or nothing (null). */
export function openAt(text: string): HereDocument | 'more' | null {
  const rows = text.split('\n')
  let quote = ''
  const ends: HereDocument[] = []
  for (const [n, row] of rows.entries()) {
    const waiting = ends[0]
    if (quote === '' && waiting) {
      if (endsAt(row, waiting)) ends.shift()
      continue
    }
    for (let i = 0; i < row.length; i++) {
      const c = row[i] ?? ''
      if (quote !== '') {
        if (c === '\\' && quote === '"') i++
        else if (c === quote) quote = ''
      } else if (c === '\\') {
        i++
        if (i >= row.length && n === rows.length - 1) return 'more'
      } else if (c === '"' || c === "'") quote = c
      else if (c === '#' && (i === 0 || row[i - 1] === ' ')) break
      else if (row.startsWith('<<', i) && row[i + 2] !== '<' && row[i - 1] !== '<') {
        const doc = /^<<(-?)\s*(?:'([^']+)'|"([^"]+)"|\\?([\w.-]+))/.exec(row.slice(i))
        if (doc) {
          ends.push({ word: doc[2] ?? doc[3] ?? doc[4] ?? '', tabs: doc[1] === '-' })
          i += doc[0].length - 1
        }
      }
    }
  }
  return quote === '' ? (ends[0] ?? null) : 'more'
}

function commonStart(words: readonly string[]): string {
  const [first = ''] = words
  let length = first.length
  for (const word of words) while (!word.startsWith(first.slice(0, length))) length--
  return first.slice(0, length)
}

/** Steps over a whole character, however many units it has. */
function previous(text: string, at: number): number {
  const low = text.charCodeAt(at - 1)
  return Math.max(0, at - (low >= 0xdc00 && low <= 0xdfff ? 2 : 1))
}

function next(text: string, at: number): number {
  const code = text.codePointAt(at)
  return Math.min(text.length, at + (code !== undefined && code > 0xffff ? 2 : 1))
}

const rowEnd = (text: string, at: number): number => (text.indexOf('\n', at) + 1 || text.length + 1) - 1
const wordStart = (text: string, at: number): number => /\w*\W*$/.exec(text.slice(0, at))?.index ?? 0
const wordEnd = (text: string, at: number): number => at + (/^\W*\w*/.exec(text.slice(at))?.[0].length ?? 0)
const spaceStart = (text: string, at: number): number => /\S*\s*$/.exec(text.slice(0, at))?.index ?? 0
