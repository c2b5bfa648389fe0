import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react'
import { Play } from 'lucide-react'
import type { OutputRow } from '../../../bridge/protocol'
import { Button } from '../../kit'
import { useKubeloop, useOutput, useSession, useUi } from '../../state'

/** Commands shown; older ones are in the log only. */
const mostCommands = 200

/** Commands that the arrows bring back. */
const mostHistory = 100

/** The output of all commands, clicked or typed, and an input line. */
export function Terminal() {
  const box = useRef<HTMLDivElement>(null)
  const input = useRef<HTMLInputElement>(null)
  const commands = commandsOf(useOutput())
  const wanted = useUi((ui) => (ui.focus?.target === 'terminal' ? ui.focus.request : 0))
  useEffect(() => {
    if (wanted > 0) input.current?.focus()
  }, [wanted])
  // New output is followed, unless one has scrolled up to read.
  const followed = useRef(true)
  useLayoutEffect(() => {
    if (followed.current && box.current) box.current.scrollTop = box.current.scrollHeight
  })
  return (
    <div
      ref={box} className="mono h-full overflow-y-auto px-3 py-1.5 text-11/[17px]"
      onScroll={({ currentTarget: b }) => (followed.current = b.scrollTop + b.clientHeight > b.scrollHeight - 24)}
    >
      <div role="log" aria-label="Output of commands">
        {commands.length === 0 && <p className="text-text3">What you do by hand is a kubectl command too, and is written here.</p>}
        {commands.map(({ number, line, pieces }) => (
          <div key={number}>
            <div className="break-words whitespace-pre-wrap"><b className="font-semibold text-accent">$ </b>{line}</div>
            {pieces.length > 0 && <pre className="break-words whitespace-pre-wrap text-text2">{pieces.map(({ stream, text }, i) => (stream === 'stderr' ? <span key={i} className="text-err">{text}</span> : text))}</pre>}
          </div>
        ))}
      </div>
      <Prompt input={input} running={commands.at(-1)?.running ?? false} history={commands.map(({ line }) => line)} onSend={() => (followed.current = true)} />
    </div>
  )
}

function Prompt({ input, running, history, onSend }: { readonly input: React.RefObject<HTMLInputElement | null>; readonly running: boolean; readonly history: readonly string[]; readonly onSend: () => void }) {
  const kubeloop = useKubeloop()
  const [text, setText] = useState('')
  const [back, setBack] = useState(0)
  const playing = useSession((s) => s.clock.playing)
  const past = [...new Set(history.toReversed())].slice(0, mostHistory)
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && text.trim() !== '') {
      kubeloop.input({ type: 'kubectl', line: text.trim() })
      setText('')
      setBack(0)
      onSend()
    } else if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
      const next = Math.max(0, Math.min(past.length, back + (event.key === 'ArrowUp' ? 1 : -1)))
      setBack(next)
      setText(next === 0 ? '' : (past[next - 1] ?? ''))
    } else return
    event.preventDefault()
  }
  return (
    <>
      {running && !playing && (
        <div className="my-1 flex items-center gap-2 font-(family-name:--font-ui) text-12 text-text2">
          Time is paused: the command goes on when it runs.
          <Button size="sm" onClick={() => kubeloop.send({ type: 'play' })}><Play aria-hidden="true" /> Play</Button>
        </div>
      )}
      <label className="flex items-center gap-[1ch] coarse:min-h-11">
        <b aria-hidden="true" className="font-semibold text-accent">$</b>
        <input
          ref={input} value={text} onChange={(event) => setText(event.target.value)} onKeyDown={onKeyDown} aria-label="Command" placeholder="kubectl get pods" spellCheck={false} autoCapitalize="off" autoCorrect="off" autoComplete="off"
          enterKeyHint="send" className="min-w-0 flex-1 bg-transparent py-0.5 text-11/[17px] placeholder:text-text3 coarse:text-16 focus-visible:outline-offset-0"
        />
      </label>
    </>
  )
}

interface Command {
  readonly number: number
  line: string
  readonly pieces: OutputRow[]
  running: boolean
}

/** Rows grouped by command, in the order in which commands began. */
function commandsOf(rows: readonly OutputRow[]): readonly Command[] {
  const commands = new Map<number, Command>()
  for (const row of rows) {
    let command = commands.get(row.command)
    if (!command) commands.set(row.command, (command = { number: row.command, line: '', pieces: [], running: true }))
    if (row.stream === 'line') command.line = row.text
    else if (row.stream === 'exit') command.running = false
    else command.pieces.push(row)
  }
  return [...commands.values()].slice(-mostCommands)
}
