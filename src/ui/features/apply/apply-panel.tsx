import { useMemo, useRef, useState } from 'react'
import { ChevronDown, Ellipsis, FolderOpen, Maximize2, SquareTerminal } from 'lucide-react'
import { Button, Dialog, IconButton, useMenu } from '../../kit'
import { useKubeloop, useSession, useUi } from '../../state'
import { applyCommand, changeDraft, noAnswer } from './draft'
import { documentsOf, headOf } from './editor/documents'
import { dryRun } from './editor/server-lint'
import { YamlEditor, type EditorHandle } from './editor/yaml-editor'
import { KubectlLines } from './kubectl-lines'
import { liveNames } from './live-names'
import { Result } from './result'
import { takeFiles } from './take-files'
import { useCustomKinds } from './use-custom-kinds'
import { useSending } from './use-sending'

/** The panel as a dialog. */
export function ApplyDialog() {
  const { setUi } = useKubeloop()
  return (
    <Dialog wide title="Apply YAML" onClose={() => setUi({ dialog: null })}>
      <div className="flex h-[min(620px,calc(100dvh-110px))] flex-col"><ApplyPanel large /></div>
    </Dialog>
  )
}

/** A text to write or paste manifests into, and what kubectl says about them. */
export function ApplyPanel({ large = false }: { readonly large?: boolean }) {
  const kubeloop = useKubeloop()
  const editor = useRef<EditorHandle>(null)
  const picker = useRef<HTMLInputElement>(null)
  const [asLines, setAsLines] = useState(false)
  const { draft, change, ready, refused, send, tryOut } = useSending('manifests', editor)
  useCustomKinds()
  const nothing = draft.text.trim() === ''
  const open = (): void => picker.current?.click()
  const elsewhere = useUi((ui) => !large && ui.dialog?.name === 'apply')
  // A text that is too large would only freeze the page while it is laid out, so it never gets into it.
  const onPaste = (event: ClipboardEvent): boolean => {
    const files = [...(event.clipboardData?.files ?? [])]
    if (files.length > 0) void takeFiles(kubeloop, files)
    else if (!refused(event.clipboardData?.getData('text') ?? '')) return false
    event.preventDefault()
    return true
  }

  if (elsewhere) return <p className="p-3 text-12 text-text3">The text is in the larger editor.</p>
  return (
    <section aria-label="Apply YAML" className="relative flex h-full min-h-0 flex-col gap-1.5 p-1.5">
      <YamlEditor
        label="Manifests" value={draft.text} onReady={(handle) => { editor.current = handle }} live={(resource) => liveNames(kubeloop, resource)} ask={kubeloop.ask}
        onChange={(text) => change({ text, refusal: null })} onApply={() => send()} onPaste={onPaste}
      />
      <Result draft={draft} onClose={() => change(noAnswer)} />
      <div className="flex shrink-0 flex-wrap items-center gap-1.5 *:shrink-0 coarse:flex-nowrap coarse:overflow-x-auto">
        <Button tone="primary" disabled={!ready} aria-keyshortcuts="Control+Enter" data-tip={`$ ${applyCommand}  (Ctrl+Enter)`} onClick={() => send()}>Apply</Button>
        <Button disabled={!ready} data-tip={`What the server would say; nothing happens\n$ ${dryRun}`} onClick={() => void tryOut(dryRun)}>Dry run</Button>
        <Button disabled={!ready} data-tip={'What would change in the cluster\n$ kubectl diff -f -'} onClick={() => void tryOut('kubectl diff -f -')}>Diff</Button>
        {!nothing && <Button aria-haspopup="dialog" data-tip="The kubectl that does this" onClick={() => setAsLines(true)}><SquareTerminal aria-hidden="true" /> kubectl</Button>}
        <Documents text={draft.text} goTo={(offset) => editor.current?.goTo(offset)} />
        {nothing && <Button onClick={open}><FolderOpen aria-hidden="true" /> Open files</Button>}
        {nothing ? <Samples /> : <More open={open} clear={() => { change({ ...noAnswer, text: '' }); editor.current?.focus() }} />}
      </div>
      {!large && <div className="absolute top-2.5 right-4"><IconButton size="sm" label="Larger editor" onClick={() => kubeloop.setUi({ dialog: { name: 'apply', key: '' } })}><Maximize2 /></IconButton></div>}
      {asLines && <KubectlLines text={draft.text} onClose={() => setAsLines(false)} />}
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

function useSamples() {
  const kubeloop = useKubeloop()
  const samples = useSession((s) => s.hello?.samples) ?? []
  return samples.map(({ id, title, yaml }) => ({ id, label: title, run: () => changeDraft(kubeloop, { ...noAnswer, text: yaml }) }))
}

function Samples() {
  const showMenu = useMenu()
  const items = useSamples()
  if (items.length === 0) return null
  return <Button aria-haspopup="menu" onClick={(event) => showMenu({ label: 'Sample apps', items, anchor: event.currentTarget.getBoundingClientRect() })}>Samples <ChevronDown aria-hidden="true" /></Button>
}

/** What is wanted less often, so that the buttons stay in one row and the text keeps its room. */
function More({ open, clear }: { readonly open: () => void; readonly clear: () => void }) {
  const showMenu = useMenu()
  const samples = useSamples()
  const items = [{ id: 'open', label: 'Open files', run: open }, { id: 'clear', label: 'Clear', run: clear }, ...(samples.length > 0 ? [null, ...samples] : [])]
  return <IconButton label="More" aria-haspopup="menu" className="ml-auto h-7! w-7!" onClick={(event) => showMenu({ label: 'Instead of this text', items, anchor: event.currentTarget.getBoundingClientRect() })}><Ellipsis /></IconButton>
}

/** Texts with more documents than this are not listed: a menu of them would help nobody. */
const mostListed = 60

/** The way to each of several documents. */
function Documents({ text, goTo }: { readonly text: string; readonly goTo: (offset: number) => void }) {
  const showMenu = useMenu()
  const docs = useMemo(() => (text.length > 200_000 ? [] : documentsOf(text)), [text])
  if (docs.length < 2 || docs.length > mostListed) return null
  const items = docs.map((doc, i) => {
    const { kind, name } = headOf(doc.text)
    return { id: String(i), label: `${kind || 'Document'} ${name}`, hint: String(doc.line), run: () => goTo(doc.from) }
  })
  return <Button aria-haspopup="menu" data-tip="Go to a document" onClick={(event) => showMenu({ label: `${docs.length} documents`, items, anchor: event.currentTarget.getBoundingClientRect() })}>{docs.length} documents <ChevronDown aria-hidden="true" /></Button>
}
