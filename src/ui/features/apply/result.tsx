import { Play, X } from 'lucide-react'
import type { OutputRow } from '../../../bridge/protocol'
import { Button, IconButton, cx } from '../../kit'
import { useKubeloop, useOutput, useSession } from '../../state'
import type { Draft } from './draft'

/** What kubectl said, or would have said: its own words, success and error apart. */
export function Result({ draft: { refusal, sentAfter, tried, command }, onClose }: { readonly draft: Draft; readonly onClose: () => void }) {
  const output = useOutput()
  const rows = sentAfter === null ? [] : rowsOfCommand(output, command, sentAfter)
  const exit = rows.find(({ stream }) => stream === 'exit')
  const said = rows.filter(({ stream }) => stream === 'stdout' || stream === 'stderr')
  const isDiff = tried?.line.startsWith('kubectl diff') ?? false
  const triedExit = tried?.result?.exit ?? 0
  const failed = refusal !== null || (tried ? triedExit > (isDiff ? 1 : 0) : exit !== undefined && exit.text !== '0')
  const shown = refusal !== null || sentAfter !== null || tried !== null
  return (
    <output aria-label="Result" className={cx('block max-h-[45%] shrink-0 overflow-y-auto rounded-2', shown && 'border px-2 py-1.5 text-12', failed ? 'border-err bg-err-soft' : 'border-line1 bg-bg2')}>
      {shown && (tried?.result ?? exit ?? refusal) != null && <IconButton size="sm" label="Hide the answer" className="sticky top-0 float-right ml-2" onClick={onClose}><X /></IconButton>}
      {refusal !== null && <p className="mono text-err">error: {refusal}</p>}
      {refusal === null && tried && <Tried line={tried.line} result={tried.result} />}
      {refusal === null && !tried && said.length > 0 && (
        <pre className="mono text-11/[17px] break-words whitespace-pre-wrap">{said.map(({ stream, text }, i) => <span key={i} className={stream === 'stderr' ? 'text-err' : 'text-text2'}>{text}{text.endsWith('\n') ? '' : '\n'}</span>)}</pre>
      )}
      {!tried && sentAfter !== null && exit === undefined && <AtWork />}
    </output>
  )
}

function AtWork() {
  const { send } = useKubeloop()
  const playing = useSession((s) => s.clock.playing)
  return (
    <p className="sticky -bottom-1.5 -mb-1.5 flex items-center gap-2 bg-bg2 py-1 text-text2">
      {playing ? 'kubectl is at work…' : 'Time is paused: kubectl goes on when it runs.'}
      {!playing && <Button size="sm" onClick={() => send({ type: 'play' })}><Play aria-hidden="true" /> Play</Button>}
    </p>
  )
}

function Tried({ line, result }: NonNullable<Draft['tried']>) {
  if (result === null) return <p className="text-text2">Asking the server…</p>
  const isDiff = line.startsWith('kubectl diff')
  const nothing = result.stdout === '' && result.stderr === ''
  return (
    <>
      <p className="mb-1 flex flex-wrap justify-between gap-x-3 text-text3"><span>{result.exit === null ? 'No answer within a minute.' : 'Nothing was changed.'}</span><code className="mono text-11">$ {line}</code></p>
      {nothing && <p className="text-text2">{isDiff ? 'No difference: the cluster is as this text says.' : 'No output.'}</p>}
      <pre className="mono text-11/[17px] break-words whitespace-pre-wrap">
        {isDiff ? result.stdout.split('\n').map((text, i) => <span key={i} className={toneOf(text)}>{text}{'\n'}</span>) : <span className="text-text2">{result.stdout}</span>}
        {result.stderr !== '' && <span className="text-err">{result.stderr}</span>}
      </pre>
    </>
  )
}

function toneOf(line: string): string {
  if (line.startsWith('+++') || line.startsWith('---') || line.startsWith('diff ')) return 'text-text3'
  if (line.startsWith('+')) return 'text-ok'
  if (line.startsWith('-')) return 'text-err'
  return line.startsWith('@@') ? 'text-info' : 'text-text2'
}

/** Output of the first such command after a command: the one that was sent from here. */
export function rowsOfCommand(output: readonly OutputRow[], command: string, after: number): readonly OutputRow[] {
  const line = output.find((row) => row.command > after && row.stream === 'line' && row.text === command)
  return line ? output.filter((row) => row.command === line.command) : []
}
