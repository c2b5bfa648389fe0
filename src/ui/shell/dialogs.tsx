import { Button, Dialog } from '../kit'
import { useKubeloop, useSession, useUi } from '../state'
import { forgetShells } from '../features/terminal'
import { globalKeys, objectKeys } from './keys'

/** The keys of the page. */
export function ShortcutsDialog() {
  const { setUi, slots } = useKubeloop()
  return (
    <Dialog title="Keyboard shortcuts" onClose={() => setUi({ dialog: null })}>
      <KeyTable title="Anywhere" rows={globalKeys} />
      <KeyTable title="On the map" rows={objectKeys} />
      {slots.dialogs.some(({ id }) => id === 'left-out') && <Button onClick={() => setUi({ dialog: { name: 'left-out', key: '' } })}>What this model leaves out</Button>}
    </Dialog>
  )
}

function KeyTable({ title, rows }: { readonly title: string; readonly rows: readonly (readonly [string, string])[] }) {
  return (
    <table className="mb-3 w-full text-12 last:mb-0">
      <caption className="pb-1 text-left text-11 font-semibold text-text3">{title}</caption>
      <tbody>
        {rows.map(([keys, meaning]) => (
          <tr key={keys} className="border-b border-line1 last:border-0">
            <th scope="row" className="w-32 py-1 text-left font-normal"><kbd className="kbd">{keys}</kbd></th>
            <td className="py-1 text-text2">{meaning}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** The one thing that cannot be undone, so it is asked for. */
export function ResetDialog() {
  const kubeloop = useKubeloop()
  const { setUi, send } = kubeloop
  const id = useUi((ui) => ui.dialog?.key)
  const preset = useSession((s) => s.hello?.presets.find((p) => p.id === id))
  const close = (): void => setUi({ dialog: null })
  const reset = (): void => {
    send({ type: 'start', preset: id })
    forgetShells(kubeloop)
    setUi({ dialog: null, selection: null, toasts: [] })
  }
  return (
    <Dialog title="Reset cluster" onClose={close}>
      <p className="mb-3 text-13 text-text2">Everything in this cluster, its history and all branches are lost. A new one begins{preset ? `: ${preset.title}` : ''}.</p>
      <div className="flex justify-end gap-2">
        <Button onClick={close}>Keep this cluster</Button>
        <Button tone="danger" onClick={reset}>Reset cluster</Button>
      </div>
    </Dialog>
  )
}
