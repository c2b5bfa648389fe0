import { useEffect, useRef, useState } from 'react'
import { Play, Plus, X } from 'lucide-react'
import type { OutputRow } from '../../../bridge/protocol'
import { Button, IconButton, cx, isCoarsePointer } from '../../kit'
import { pendingEdit, pendingPrompt, useKubeloop, useOutput, useSession, useUi, type Kubeloop } from '../../state'
import { complete } from './complete'
import { takeDrops } from './drop-files'
import { LineEditor, type Effect } from './line-editor'
import { Screen } from './screen'
import { chooseTab, closeTab, forgetSent, mostTabs, openTab, rowsOf, runningIn, sendLine, settle, shellsOf, useShells } from './shells'
import { plainLines } from './transcript'

/** How long a sent line may stay without an echo before the prompt comes back. Units: ms. */
const echoWithin = 4000

/** Shells: what was typed and clicked with its output, and a line to type the next one. */
export function Terminal() {
  const kubeloop = useKubeloop()
  const shells = useShells(kubeloop)
  const output = useOutput()
  const rows = rowsOf(output, shells, shells.active)
  const running = runningIn(rows)
  const root = useRef<HTMLDivElement>(null)
  useEffect(() => (root.current ? takeDrops(kubeloop, root.current) : undefined), [kubeloop])
  return (
    <div ref={root} data-takes-files="Drop files into the terminal's home folder" className="relative flex h-full min-h-0 flex-col bg-bg0">
      <ShellTabs />
      <ScreenView key={shells.active} tab={shells.active} />
      <Edit rows={rows} />
      <Paused running={running.length > 0 || shells.sent.length > 0} />
      {isCoarsePointer() && <HelperKeys />}
      {/* What xterm draws is nothing to a screen reader: the same words, plain. */}
      <div role="log" aria-label="Output of commands" className="sr-only">{plainLines(rows).map((line, i) => <div key={i}>{line}</div>)}</div>
    </div>
  )
}

function ShellTabs() {
  const kubeloop = useKubeloop()
  const { tabs, active } = useShells(kubeloop)
  const more = tabs.length < mostTabs && <IconButton size="sm" label="New shell" onClick={() => openTab(kubeloop)}><Plus /></IconButton>
  if (tabs.length === 1) return <div className="absolute top-0.5 right-2 z-1">{more}</div>
  return (
    <fieldset aria-label="Shells" className="flex shrink-0 items-center gap-0.5 overflow-x-auto px-1.5 pt-0.5">
      {tabs.map(({ id, title }) => (
        <span key={id} className={cx('flex h-6 items-center rounded-1 text-11 whitespace-nowrap coarse:h-11', id === active ? 'bg-bg3 text-text' : 'text-text3')}>
          <button type="button" aria-pressed={id === active} className="h-full px-2 coarse:min-w-11" onClick={() => chooseTab(kubeloop, id)}>Shell {title}</button>
          {id !== tabs[0]?.id && <IconButton size="sm" label={`Close shell ${title}`} onClick={() => closeTab(kubeloop, id)}><X /></IconButton>}
        </span>
      ))}
      {more}
    </fieldset>
  )
}

/** One shell's screen; the newest is the one that helper keys type into. */
const screens = new WeakMap<Kubeloop, Screen>()

/** What is being written in each tab, kept while another is looked at. */
const editors = new WeakMap<Kubeloop, Map<number, LineEditor>>()

function editorOf(kubeloop: Kubeloop, tab: number): LineEditor {
  let ofTabs = editors.get(kubeloop)
  if (!ofTabs) editors.set(kubeloop, (ofTabs = new Map()))
  let editor = ofTabs.get(tab)
  if (!editor) ofTabs.set(tab, (editor = new LineEditor()))
  return editor
}

function ScreenView({ tab }: { readonly tab: number }) {
  const kubeloop = useKubeloop()
  const root = useRef<HTMLDivElement>(null)
  const theme = useUi((ui) => ui.theme)
  const wanted = useUi((ui) => ui.focus === 'terminal')
  const [screen, setScreen] = useState<Screen | null>(null)
  useEffect(() => {
    const parent = root.current
    if (!parent) return
    const editor = editorOf(kubeloop, tab)
    const made = new Screen(parent, editor, { on: (effect) => act(kubeloop, made, effect), busy: () => isBusy(kubeloop, tab), prompt: () => promptOf(kubeloop, tab)?.text ?? null })
    const update = (): void => {
      const { rows } = kubeloop.output
      settle(kubeloop, rows)
      editor.history = rows.filter(({ stream }) => stream === 'line').map(({ text }) => text)
      // A prompt that waits is drawn with the line that is written behind it.
      const waits = promptOf(kubeloop, tab)
      made.show(rowsOf(rows, shellsOf(kubeloop), tab).filter((row) => row !== waits))
    }
    let frame = 0
    const stop = kubeloop.output.subscribe(() => {
      frame ||= requestAnimationFrame(() => {
        frame = 0
        update()
      })
    })
    const size = new ResizeObserver(() => made.fit())
    size.observe(parent)
    screens.set(kubeloop, made)
    update()
    setScreen(made)
    return () => {
      stop()
      cancelAnimationFrame(frame)
      size.disconnect()
      made.dispose()
    }
  }, [kubeloop, tab])
  useEffect(() => screen?.restyle(), [screen, theme])
  useEffect(() => {
    if (!wanted || !screen) return
    screen.focus()
    kubeloop.setUi({ focus: null })
  }, [kubeloop, screen, wanted])
  return <div ref={root} className="min-h-0 flex-1 overflow-hidden py-1 pl-3 [&_.xterm]:h-full [&_.xterm-viewport]:bg-transparent!" />
}

/** Prompts that were answered, by page: what the answer does has not come back yet. */
const answered = new WeakMap<Kubeloop, string>()

const idOf = ({ command, at }: OutputRow): string => `${command} ${at}`

/** The prompt of what runs in a tab and waits for a line. */
function promptOf(kubeloop: Kubeloop, tab: number): OutputRow | null {
  const row = pendingPrompt(rowsOf(kubeloop.output.rows, shellsOf(kubeloop), tab))
  return row && idOf(row) !== answered.get(kubeloop) ? row : null
}

/** Gives a line to the command that waits for it; null: the end of input. */
function answer(kubeloop: Kubeloop, prompt: OutputRow, text: string | null): void {
  answered.set(kubeloop, idOf(prompt))
  kubeloop.input({ type: 'edited', command: prompt.command, text })
}

/** A tab's shell runs what was typed in it, one line at a time. */
function isBusy(kubeloop: Kubeloop, tab: number): boolean {
  if (promptOf(kubeloop, tab)) return false
  const { sent, owner } = shellsOf(kubeloop)
  return sent.some((line) => line.tab === tab) || runningIn(kubeloop.output.rows, (command) => owner.get(command) === tab).length > 0
}

function act(kubeloop: Kubeloop, screen: Screen, effect: Effect): Promise<void> | void {
  const { active } = shellsOf(kubeloop)
  const prompt = promptOf(kubeloop, active)
  switch (effect.do) {
    case 'submit': {
      if (prompt) return answer(kubeloop, prompt, effect.line)
      const line = effect.line.trim()
      if (line === 'clear') return screen.input('\x0c')
      if (line === '') return
      sendLine(kubeloop, line)
      setTimeout(() => {
        if (!shellsOf(kubeloop).sent.some((sent) => sent.line === line)) return
        forgetSent(kubeloop)
        screen.draw()
      }, echoWithin)
      return
    }
    case 'end':
      return prompt ? answer(kubeloop, prompt, null) : undefined
    case 'interrupt': {
      // Within a shell in a container it gives up the line first.
      if (prompt && screen.editor.state.text !== '') return screen.editor.clear()
      screen.editor.clear()
      const rows = rowsOf(kubeloop.output.rows, shellsOf(kubeloop), active)
      const command = runningIn(rows).at(-1)
      if (command !== undefined) kubeloop.input({ type: 'interrupt', command })
      return
    }
    case 'complete': {
      if (prompt) return
      const { text, cursor } = screen.editor.state
      return complete(kubeloop, text, cursor).then(({ from, options }) => void screen.editor.complete(from, options))
    }
    default:
  }
}

/** A command waits for the text of an editor, which may have been closed meanwhile. */
function Edit({ rows }: { readonly rows: readonly OutputRow[] }) {
  const kubeloop = useKubeloop()
  const command = pendingEdit(rows)?.command
  if (command === undefined) return null
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-2 border-t border-line1 px-3 py-1 text-12 text-text2">
      The command waits for your text.
      <Button size="sm" onClick={() => kubeloop.setUi({ dialog: { name: 'edit', key: String(command) } })}>Open editor</Button>
      <Button size="sm" onClick={() => kubeloop.input({ type: 'edited', command, text: null })}>Give up</Button>
    </div>
  )
}

function Paused({ running }: { readonly running: boolean }) {
  const kubeloop = useKubeloop()
  const playing = useSession((s) => s.clock.playing)
  if (!running || playing) return null
  return (
    <div className="flex shrink-0 items-center gap-2 border-t border-line1 px-3 py-1 text-12 text-text2">
      Time is paused: the command goes on when it runs.
      <Button size="sm" onClick={() => kubeloop.send({ type: 'play' })}><Play aria-hidden="true" /> Play</Button>
    </div>
  )
}

const helpers: readonly (readonly [label: string, name: string, data: string])[] = [
  ['Tab', 'Tab', '\t'], ['Ctrl-C', 'Ctrl-C', '\x03'], ['↑', 'Up', '\x1b[A'], ['↓', 'Down', '\x1b[B'], ['←', 'Left', '\x1b[D'], ['→', 'Right', '\x1b[C'], ['Ctrl-R', 'Search', '\x12'], ['-', 'Minus', '-'], ['/', 'Slash', '/'], ['|', 'Pipe', '|'],
]

/** Keys that a touch keyboard lacks. */
function HelperKeys() {
  const kubeloop = useKubeloop()
  const press = (data: string): void => {
    const screen = screens.get(kubeloop)
    screen?.input(data)
    screen?.focus()
  }
  return (
    <div role="toolbar" aria-label="Terminal keys" className="flex shrink-0 gap-1 overflow-x-auto border-t border-line1 p-1">
      {helpers.map(([label, name, data]) => <Button key={name} aria-label={name} className="mono shrink-0" onClick={() => press(data)}>{label}</Button>)}
      {'clipboard' in navigator && <Button className="shrink-0" onClick={() => void navigator.clipboard.readText().then((text) => screens.get(kubeloop)?.paste(text), () => kubeloop.toast({ tone: 'error', text: 'The browser does not give the clipboard to this page.' }))}>Paste</Button>}
    </div>
  )
}
