import { useEffect, useRef, useState } from 'react'
import { Button, Dialog, Segmented } from '../../kit'
import { objectYaml, useKubeloop, useOutput, useUi } from '../../state'
import { noAnswer, type Draft } from './draft'
import { YamlEditor, type EditorHandle } from './editor/yaml-editor'
import { liveNames } from './live-names'
import { Result, rowsOfCommand } from './result'
import { useCustomKinds } from './use-custom-kinds'
import { useSending } from './use-sending'

type How = 'replace' | 'apply' | 'server-side'

const lines: Readonly<Record<How, string>> = { replace: 'kubectl replace -f -', apply: 'kubectl apply -f -', 'server-side': 'kubectl apply --server-side -f -' }

const ways = [{ id: 'replace', title: 'Replace' }, { id: 'apply', title: 'Apply' }, { id: 'server-side', title: 'Server-side apply' }] as const

const tips: Readonly<Record<How, string>> = {
  replace: 'The text becomes the object. Refused when somebody has changed it meanwhile.',
  apply: 'What the text has changed since it was last applied is merged into the object.',
  'server-side': 'You own the fields of the text; who owns one already is a conflict.',
}

/** An object of the cluster in the editor: replaced or applied, with the server's word when somebody else has changed it meanwhile. */
export function EditObject() {
  const kubeloop = useKubeloop()
  const key = useUi((ui) => ui.dialog?.key ?? '')
  const [resource = '', namespace = '', ...rest] = key.split('/')
  const name = rest.join('/')
  const editor = useRef<EditorHandle>(null)
  const [how, setHow] = useState<How>('replace')
  const [error, setError] = useState<string | null>(null)
  const [loads, setLoads] = useState(0)
  const { draft, change, ready, refused, send, tryOut } = useSending('object', editor)
  const changeRef = useRef(change)
  useCustomKinds()
  useEffect(() => {
    let live = true
    kubeloop.ask({ about: 'object', resource, namespace, name }).then(
      (object) => {
        if (!live) return
        setError(null)
        changeRef.current({ ...noAnswer, text: objectYaml(object) })
      },
      (reason: unknown) => live && setError(reason instanceof Error ? reason.message : String(reason)),
    )
    return () => {
      live = false
    }
  }, [kubeloop, resource, namespace, name, loads])
  const close = (): void => {
    change({ ...noAnswer, text: '' })
    kubeloop.setUi({ dialog: null })
  }
  return (
    <Dialog wide title={`Edit ${name}`} onClose={close}>
      <div className="flex h-[min(620px,calc(100dvh-110px))] flex-col gap-2">
        {error !== null && <p className="text-13 text-err">{error}</p>}
        <YamlEditor
          label={`YAML of ${name}`} value={draft.text} live={(of) => liveNames(kubeloop, of)} ask={kubeloop.ask} onReady={(handle) => { editor.current = handle }}
          onChange={(text) => change({ text, refusal: null })} onApply={() => send(lines[how])} onPaste={(event) => refused(event.clipboardData?.getData('text') ?? '')}
        />
        <Conflict draft={draft} reload={() => setLoads(loads + 1)} force={() => overwrite(how, editor.current, send)} />
        <Result draft={draft} onClose={() => change(noAnswer)} />
        <div className="flex shrink-0 flex-wrap items-center gap-1.5">
          <Segmented label="How it is put back" options={ways} value={how} onChange={setHow} />
          <span className="min-w-0 flex-1 text-11 text-text3 max-[599px]:hidden">{tips[how]}</span>
          <Button disabled={!ready} data-tip={`$ ${lines[how].replace(' -f', ' --dry-run=server -f')}`} onClick={() => void tryOut(lines[how].replace(' -f', ' --dry-run=server -f'))}>Dry run</Button>
          <Button disabled={!ready} data-tip={'What would change in the cluster\n$ kubectl diff -f -'} onClick={() => void tryOut('kubectl diff -f -')}>Diff</Button>
          <Button tone="primary" disabled={!ready} aria-keyshortcuts="Control+Enter" data-tip={`$ ${lines[how]}  (Ctrl+Enter)`} onClick={() => send(lines[how])}>Save</Button>
        </div>
      </div>
    </Dialog>
  )
}

/** What one can do when somebody else was faster: look at what is there now, or insist. */
function Conflict({ draft: { sentAfter, command, tried }, reload, force }: { readonly draft: Draft; readonly reload: () => void; readonly force: () => void }) {
  const output = useOutput()
  const said = sentAfter === null ? (tried?.result?.stderr ?? '') : rowsOfCommand(output, command, sentAfter).filter(({ stream }) => stream === 'stderr').map(({ text }) => text).join('')
  if (!/\(Conflict\)|Apply failed with \d+ conflict/.test(said)) return null
  return (
    <div role="alert" className="flex shrink-0 flex-wrap items-center gap-2 rounded-2 border border-warn bg-warn-soft px-2.5 py-1.5 text-12">
      <span className="min-w-0 flex-1">Somebody else has changed this object, or owns what you change. Nothing of yours was written.</span>
      <Button size="sm" onClick={reload}>Take the live version</Button>
      <Button size="sm" tone="danger" onClick={force}>Overwrite</Button>
    </div>
  )
}

/** Without the version that it is based on, a text is put over whatever is there; a server-side apply takes fields by a flag. */
function overwrite(how: How, editor: EditorHandle | null, send: (line?: string) => void): void {
  if (editor) editor.replace(editor.text().replace(/^ {2}resourceVersion:.*\n/m, ''))
  send(how === 'server-side' ? lines[how].replace(' -f', ' --force-conflicts -f') : lines[how])
}
