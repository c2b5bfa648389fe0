import { useRef, type ClipboardEvent } from 'react'
import { ChevronDown, FolderOpen, Play } from 'lucide-react'
import type { OutputRow } from '../../../bridge/protocol'
import { Button, Dialog, cx, useMenu } from '../../kit'
import { useKubeloop, useOutput, useSession } from '../../state'
import { changeDraft, useDraft } from './draft'
import { bytesOf, refusalOf } from './limits'
import { takeFiles } from './take-files'

const command = 'kubectl apply -f -'

/** The panel as a dialog. */
export function ApplyDialog() {
  const { setUi } = useKubeloop()
  return (
    <Dialog wide title="Apply YAML" onClose={() => setUi({ dialog: null })}>
      <div className="flex h-[min(560px,calc(100dvh-140px))] flex-col"><ApplyPanel /></div>
    </Dialog>
  )
}

/** A text to paste manifests into, and what kubectl says about them. */
export function ApplyPanel() {
  const kubeloop = useKubeloop()
  const draft = useDraft(kubeloop)
  const area = useRef<HTMLTextAreaElement>(null)
  const picker = useRef<HTMLInputElement>(null)
  const showMenu = useMenu()
  const samples = useSession((s) => s.hello?.samples) ?? []
  const started = useSession((s) => s.frame > 0)
  const nothing = draft.text.trim() === ''

  const apply = (): void => {
    if (nothing || !started) return
    const refusal = refusalOf(bytesOf(draft.text))
    if (refusal !== null) return changeDraft(kubeloop, { refusal, sentAfter: null })
    changeDraft(kubeloop, { refusal: null, sentAfter: kubeloop.output.rows.at(-1)?.command ?? 0 })
    kubeloop.input({ type: 'kubectl', line: command, stdin: draft.text })
  }
  // A text that is too large would only freeze the page while it is laid out, so it never gets into it.
  const onPaste = (event: ClipboardEvent): void => {
    const files = [...event.clipboardData.files]
    if (files.length > 0) {
      event.preventDefault()
      return void takeFiles(kubeloop, files)
    }
    const refusal = refusalOf(bytesOf(event.clipboardData.getData('text')))
    if (refusal === null) return
    event.preventDefault()
    changeDraft(kubeloop, { refusal, sentAfter: null })
  }
  const sampleItems = samples.map(({ id, title, yaml }) => ({ id, label: title, run: () => changeDraft(kubeloop, { text: yaml, refusal: null, sentAfter: null }) }))

  return (
    <section aria-label="Apply YAML" className="flex h-full min-h-0 flex-col gap-2 p-2">
      <textarea
        ref={area} aria-label="Manifests" value={draft.text} spellCheck={false} autoCapitalize="off" autoCorrect="off" wrap="off" placeholder={'Paste manifests here, or drop .yaml files on the page.\nCtrl+Enter applies.'}
        className="mono min-h-12 w-full flex-1 resize-none rounded-2 border border-line2 bg-bg0 p-2 text-12/[17px] text-text placeholder:text-text3 focus-visible:outline-offset-0"
        onChange={(event) => changeDraft(kubeloop, { text: event.target.value, refusal: null })} onPaste={onPaste}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || (!event.ctrlKey && !event.metaKey)) return
          event.preventDefault()
          apply()
        }}
      />
      <Result refusal={draft.refusal} sentAfter={draft.sentAfter} />
      <div className="flex flex-wrap items-center gap-1.5">
        <Button tone="primary" disabled={nothing || !started} data-tip={`$ ${command}  (Ctrl+Enter)`} onClick={apply}>Apply</Button>
        <Button onClick={() => picker.current?.click()}><FolderOpen aria-hidden="true" /> Open files</Button>
        {sampleItems.length > 0 && <Button aria-haspopup="menu" onClick={(event) => showMenu({ label: 'Sample apps', items: sampleItems, anchor: event.currentTarget.getBoundingClientRect() })}>Samples <ChevronDown aria-hidden="true" /></Button>}
        {!nothing && <Button onClick={() => { changeDraft(kubeloop, { text: '', refusal: null, sentAfter: null }); area.current?.focus() }}>Clear</Button>}
        <code className="mono el ml-auto text-11 text-text3">$ {command}</code>
      </div>
      <input
        ref={picker} type="file" multiple accept=".yaml,.yml,.json" className="hidden" aria-label="Manifest files"
        onChange={(event) => {
          void takeFiles(kubeloop, [...(event.target.files ?? [])])
          event.target.value = ''
        }}
      />
    </section>
  )
}

/** What kubectl said: its own words, success and error apart. */
function Result({ refusal, sentAfter }: { readonly refusal: string | null; readonly sentAfter: number | null }) {
  const { send } = useKubeloop()
  const output = useOutput()
  const playing = useSession((s) => s.clock.playing)
  const rows = sentAfter === null ? [] : rowsOf(output, sentAfter)
  const exit = rows.find(({ stream }) => stream === 'exit')
  const said = rows.filter(({ stream }) => stream === 'stdout' || stream === 'stderr')
  const failed = refusal !== null || (exit !== undefined && exit.text !== '0')
  return (
    <output aria-label="Result" className={cx('block max-h-[40%] shrink-0 overflow-y-auto rounded-2', (refusal !== null || sentAfter !== null) && 'border px-2 py-1.5 text-12', failed ? 'border-err bg-err-soft' : 'border-line1 bg-bg2')}>
      {refusal !== null && <p className="mono text-err">error: {refusal}</p>}
      {refusal === null && said.length > 0 && (
        <pre className="mono text-11/[17px] break-words whitespace-pre-wrap">{said.map(({ stream, text }, i) => <span key={i} className={stream === 'stderr' ? 'text-err' : 'text-text2'}>{text}{text.endsWith('\n') ? '' : '\n'}</span>)}</pre>
      )}
      {sentAfter !== null && exit === undefined && (
        <p className="flex items-center gap-2 text-text2">
          {playing ? 'kubectl is at work…' : 'Time is paused: kubectl goes on when it runs.'}
          {!playing && <Button size="sm" onClick={() => send({ type: 'play' })}><Play aria-hidden="true" /> Play</Button>}
        </p>
      )}
    </output>
  )
}

/** Output of the first `apply` after a command: the one that was sent from here. */
function rowsOf(output: readonly OutputRow[], after: number): readonly OutputRow[] {
  const line = output.find((row) => row.command > after && row.stream === 'line' && row.text === command)
  return line ? output.filter((row) => row.command === line.command) : []
}
