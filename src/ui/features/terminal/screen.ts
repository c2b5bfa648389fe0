import { FitAddon } from '@xterm/addon-fit'
import { Terminal, type ITheme } from '@xterm/xterm'
import '@xterm/xterm/css/xterm.css'
import type { OutputRow } from '../../../bridge/protocol'
import { asKeys, type Editing, type Effect, type LineEditor } from './line-editor'
import { difference, sgr, textOf } from './transcript'

/** What the screen needs from the page. */
export interface ScreenHost {
  /** Does what a key asks for; keys that come before a promise is settled wait for it. */
  on(effect: Effect): Promise<void> | void
  /** True while a command has the terminal: what is typed then is kept for later. */
  busy(): boolean
  /** What a running command that waits for a line has put before it; null: the shell's own line is written. */
  prompt(): string | null
}

/** Most keys kept while a command runs. Units: characters. */
const mostAhead = 1024 * 1024

const greeting = ['What you do by hand is a kubectl command too, and is written here.', 'Tab completes, Ctrl-R searches, Ctrl-C interrupts.']
const shortGreeting = ['Clicks are kubectl commands too.', 'Tab completes, Ctrl-C interrupts.']

/**
 * xterm with the line that is being written under the output. What it prints is output of frames and nothing else; the
 * line and its prompt are drawn anew after each change.
 */
export class Screen {
  readonly terminal: Terminal
  private readonly fitter = new FitAddon()
  private shown: readonly OutputRow[] = []
  private ahead = ''
  /** Rows that the prompt takes above the cursor; -1 without a prompt. */
  private above = -1
  /** The last output did not end its line. */
  private open = false
  private disposed = false
  private escaped = false
  /** A key's effect (completion) is being waited for. */
  private asking = false

  constructor(
    private readonly parent: HTMLElement,
    public editor: LineEditor,
    private readonly host: ScreenHost,
  ) {
    const style = getComputedStyle(parent)
    this.terminal = new Terminal({
      convertEol: true, cursorBlink: false, cursorStyle: 'bar', cursorInactiveStyle: 'outline', scrollback: 5000, fontSize: matchMedia('(pointer: coarse)').matches ? 13 : 12, lineHeight: 1.35,
      fontFamily: style.getPropertyValue('--font-mono').trim() || 'monospace', theme: themeOf(style), minimumContrastRatio: 4.5, smoothScrollDuration: 0, macOptionIsMeta: true, tabStopWidth: 8,
    })
    this.terminal.loadAddon(this.fitter)
    this.terminal.open(parent)
    const { textarea } = this.terminal
    textarea?.setAttribute('aria-label', 'Command')
    textarea?.setAttribute('enterkeyhint', 'send')
    textarea?.setAttribute('aria-description', 'Tab completes. Escape, then Tab leaves the terminal. What is printed is in the log beside it.')
    textarea?.addEventListener('paste', this.onPaste, true)
    this.terminal.attachCustomKeyEventHandler((event) => this.onKey(event))
    this.terminal.onData((data) => this.input(data))
    this.terminal.onResize(() => this.draw())
    this.fit()
  }

  dispose(): void {
    this.disposed = true
    this.terminal.textarea?.removeEventListener('paste', this.onPaste, true)
    this.terminal.dispose()
  }

  fit(): void {
    if (!this.disposed && this.parent.clientWidth > 40 && this.parent.clientHeight > 16) this.fitter.fit()
  }

  restyle(): void {
    this.terminal.options.theme = themeOf(getComputedStyle(this.parent))
  }

  focus(): void {
    this.terminal.focus()
  }

  /** Shows these rows: what is new of them, or all of them when the past has changed. */
  show(rows: readonly OutputRow[], anew = false): void {
    const change = difference(this.shown, rows)
    const all = anew || change.anew || this.shown.length === 0
    this.shown = rows.slice()
    const added = anew ? difference([], rows).rows : change.rows
    if (!all && added.length === 0) return this.afterOutput()
    let text = ''
    if (all) {
      text = `\x1b[H\x1b[2J\x1b[3J${sgr.dim}${(this.terminal.cols < 68 ? shortGreeting : greeting).join('\n')}${sgr.off}\n`
      this.open = false
      this.above = -1
    } else text = this.erased()
    for (const row of added) {
      // What is typed or clicked begins a line of its own.
      const piece = row.stream === 'line' && this.open ? `\n${textOf(row)}` : textOf(row)
      if (piece === '') continue
      text += piece
      // oxlint-disable-next-line no-control-regex
      this.open = !piece.replace(/\x1b\[[0-9;]*m/g, '').endsWith('\n')
    }
    this.terminal.write(text)
    this.afterOutput()
  }

  /** Types for the person: a key of the row of helper keys. */
  input(data: string): void {
    if (data === '\x03') {
      this.ahead = ''
      return this.feed(data)
    }
    if (this.asking || this.host.busy()) {
      if (this.ahead.length + data.length <= mostAhead) this.ahead += data
    } else this.feed(data)
  }

  paste(text: string): void {
    this.input(asKeys(text))
  }

  /** Gives keys to the line, up to one that begins something: what follows waits for its end. */
  private feed(data: string): void {
    let rest = data
    while (rest !== '' && !this.asking && (!this.host.busy() || rest.startsWith('\x03'))) {
      const end = /[\r\n\t\x03]/.exec(rest) // oxlint-disable-line no-control-regex
      const keys = end ? rest.slice(0, end.index + 1) : rest
      rest = rest.slice(keys.length)
      for (const effect of this.editor.input(keys)) this.perform(effect)
    }
    this.ahead = rest + this.ahead
    this.draw()
  }

  private perform(effect: Effect): void {
    if (effect.do === 'bell') return
    if (effect.do === 'clear') {
      this.terminal.write('\x1b[H\x1b[2J\x1b[3J')
      this.above = -1
      this.open = false
      return
    }
    const asked = this.host.on(effect)
    if (!asked) return
    this.asking = true
    void asked.finally(() => {
      this.asking = false
      this.afterOutput()
    })
  }

  private afterOutput(): void {
    const { ahead } = this
    this.ahead = ''
    this.feed(ahead)
  }

  /** Takes the prompt off the screen. */
  private erased(): string {
    if (this.above < 0) return ''
    const up = this.above > 0 ? `\x1b[${this.above}A` : ''
    this.above = -1
    return `${up}\r\x1b[J`
  }

  /** Draws the prompt with the line, and puts the cursor where it belongs. */
  draw(): void {
    if (this.disposed) return
    let text = this.erased()
    if (this.host.busy()) return text === '' ? undefined : this.terminal.write(text)
    if (this.open) {
      text += '\n'
      this.open = false
    }
    const { rows, cursorRow, cursorColumn, drawn } = layOut(this.editor.state, this.terminal.cols, this.terminal.rows, this.host.prompt())
    text += drawn
    if (rows - 1 - cursorRow > 0) text += `\x1b[${rows - 1 - cursorRow}A`
    text += `\r${cursorColumn > 0 ? `\x1b[${cursorColumn}C` : ''}`
    this.above = cursorRow
    this.terminal.write(text)
  }

  private readonly onPaste = (event: ClipboardEvent): void => {
    const text = event.clipboardData?.getData('text') ?? ''
    event.preventDefault()
    event.stopPropagation()
    if (text !== '') this.paste(text)
  }

  /** False: not for the shell. Copy and paste are the browser's; Escape, then Tab leaves. */
  private onKey(event: KeyboardEvent): boolean {
    if (event.type !== 'keydown') return true
    const control = event.ctrlKey && !event.altKey && !event.metaKey
    const key = event.key.toLowerCase()
    if (control && key === 'v') return false
    if ((control && key === 'c' && (event.shiftKey || this.terminal.hasSelection())) || (event.metaKey && key === 'c')) {
      event.preventDefault()
      void navigator.clipboard?.writeText(this.terminal.getSelection())
      this.terminal.clearSelection()
      return false
    }
    if (event.key === 'Tab' && this.escaped) {
      this.escaped = false
      return false
    }
    this.escaped = event.key === 'Escape'
    return true
  }
}

/** The prompt and its line in rows of a width. Wide characters count two columns. */
function layOut(state: Editing, columns: number, height: number, own: string | null): { readonly rows: number; readonly cursorRow: number; readonly cursorColumn: number; readonly drawn: string } {
  const { text, cursor, search, menu } = state
  const shownText = search ? (search.match ?? '') : text
  const prompt = search ? `(reverse-i-search)\`${search.query}': ` : (own ?? '$ ')
  const at = search ? Math.max(0, shownText.indexOf(search.query)) : cursor
  let drawn = search || own !== null ? prompt : `${sgr.accent}$ ${sgr.off}`
  let row = 0
  let column = 0
  let cursorRow = 0
  let cursorColumn = 0
  const put = (words: string, from: number): void => {
    for (let i = 0; i < words.length; ) {
      if (from + i === at) [cursorRow, cursorColumn] = [row, column]
      const code = words.codePointAt(i) ?? 0
      const character = String.fromCodePoint(code)
      i += character.length
      if (character === '\n') {
        row++
        column = 2
        drawn += '\n> '
        continue
      }
      const width = isWide(code) ? 2 : 1
      if (column + width > columns) {
        row++
        column = 0
        drawn += '\n'
      }
      column += width
      drawn += character
    }
  }
  for (const character of prompt) column += isWide(character.codePointAt(0) ?? 0) ? 2 : 1
  row = Math.floor(column / columns)
  column %= columns
  // Of a pasted manifest only the end is drawn: what does not fit on the screen cannot be taken off it again.
  const rowsBefore = shownText.split('\n')
  const most = Math.max(2, height - 2)
  const skipped = rowsBefore.length > most ? rowsBefore.slice(0, rowsBefore.length - most).join('\n').length + 1 : 0
  put(shownText.slice(skipped), skipped)
  if (at >= shownText.length) [cursorRow, cursorColumn] = [row, column]
  if (column >= columns) {
    drawn += '\n'
    row++
    if (at >= shownText.length) [cursorRow, cursorColumn] = [row, 0]
  }
  if (menu && !search) {
    const rows = menuRows(menu, columns, Math.max(1, Math.min(6, height - row - 2)))
    drawn += rows.map((line) => `\n${line}`).join('')
    row += rows.length
  }
  return { rows: row + 1, cursorRow, cursorColumn, drawn }
}

function menuRows(menu: NonNullable<Editing['menu']>, columns: number, most: number): readonly string[] {
  const width = Math.min(columns, Math.max(...menu.options.map((option) => option.length)) + 2)
  const perRow = Math.max(1, Math.floor(columns / width))
  const all = Math.ceil(menu.options.length / perRow)
  const first = Math.max(0, Math.min(Math.floor(Math.max(0, menu.chosen) / perRow) - most + 1, all - most))
  const rows: string[] = []
  for (let r = first; r < Math.min(all, first + most); r++) {
    rows.push(menu.options.slice(r * perRow, (r + 1) * perRow).map((option, i) => {
      const words = option.length > columns - 1 ? `${option.slice(0, columns - 2)}…` : option
      return `${r * perRow + i === menu.chosen ? sgr.invert : sgr.dim}${words}${sgr.off}${' '.repeat(Math.max(0, perRow === 1 ? 0 : width - words.length))}`
    }).join('').trimEnd())
  }
  if (all > first + most && rows.length > 1) rows[rows.length - 1] = `${sgr.dim}… ${menu.options.length} in all${sgr.off}`
  return rows
}

/** East Asian wide characters and emoji, roughly as terminals count them. */
function isWide(code: number): boolean {
  return code >= 0x1100 && (code <= 0x115f || (code >= 0x2e80 && code <= 0xa4cf) || (code >= 0xac00 && code <= 0xd7a3) || (code >= 0xf900 && code <= 0xfaff) || (code >= 0xfe30 && code <= 0xfe6f) || (code >= 0xff00 && code <= 0xff60) || (code >= 0x1f300 && code <= 0x1faff) || (code >= 0x20000 && code <= 0x3fffd))
}

function themeOf(style: CSSStyleDeclaration): ITheme {
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim()
  return {
    background: token('bg0'), foreground: token('text2'), cursor: token('accent'), cursorAccent: token('bg0'), selectionBackground: `${token('accent')}55`,
    black: token('text3'), brightBlack: token('text3'), blue: token('accent'), brightBlue: token('accent'), red: token('err'), brightRed: token('err'), green: token('ok'), brightGreen: token('ok'),
    yellow: token('warn'), brightYellow: token('warn'), magenta: token('term'), brightMagenta: token('term'), cyan: token('info'), brightCyan: token('info'), white: token('text2'), brightWhite: token('text'),
  }
}
