import { useMemo, useRef } from 'react'
import { Button, Dialog, isCoarsePointer } from '../../kit'
import { pendingEdit, useKubeloop, useOutput, useUi } from '../../state'
import { YamlEditor, type EditorHandle } from './editor/yaml-editor'
import { liveNames } from './live-names'
import { useCustomKinds } from './use-custom-kinds'

/** The editor that `kubectl edit` and `vi` open. Closing it gives the edit up, as leaving an editor unsaved does. */
export function EditDialog() {
  const kubeloop = useKubeloop()
  const command = Number(useUi((ui) => ui.dialog?.key))
  const output = useOutput()
  useCustomKinds()
  const edit = useMemo(() => pendingEdit(output.filter((row) => row.command === command)), [output, command])
  const editor = useRef<EditorHandle>(null)
  const finish = (text: string | null): void => {
    if (edit) kubeloop.input({ type: 'edited', command, text })
    // The shell goes on; a touch screen's keyboard need not come up for that.
    kubeloop.setUi({ dialog: null, ...(isCoarsePointer() ? {} : { focus: 'terminal' }) })
  }
  const name = edit?.path.split('/').at(-1) ?? ''
  return (
    <Dialog wide title={edit ? `Edit ${name}` : 'Edit'} onClose={() => finish(null)}>
      {edit ? (
        <div className="flex h-[min(620px,calc(100dvh-110px))] flex-col gap-2">
          <YamlEditor
            key={`${edit.command} ${edit.at}`} label={`Text of ${name}`} value={edit.text} whenEmpty="" lint={/\.(?:ya?ml|json)$/.test(edit.path) ? 'schema' : 'none'} live={(resource) => liveNames(kubeloop, resource)} ask={kubeloop.ask}
            onReady={(handle) => { editor.current = handle }} onChange={() => {}} onApply={() => finish(editor.current?.text() ?? null)} onPaste={() => false}
          />
          <div className="flex flex-wrap items-center justify-end gap-2">
            <span className="mr-auto text-11 text-text3">The command waits. Ctrl+Enter saves.</span>
            <Button onClick={() => finish(null)}>Give up</Button>
            <Button tone="primary" onClick={() => finish(editor.current?.text() ?? null)}>Save</Button>
          </div>
        </div>
      ) : <p className="text-13 text-text2">The command does not wait for a text any more.</p>}
    </Dialog>
  )
}
