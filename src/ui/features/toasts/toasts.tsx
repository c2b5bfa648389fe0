import { useEffect } from 'react'
import { X } from 'lucide-react'
import { Button, IconButton } from '../../kit'
import { useKubeloop, useUi, type Kubeloop, type Toast } from '../../state'

/** How long a message, and with it the way back, is offered. Units: ms. */
const shownMs = 6000

/** What was just done, as kubectl would do it, and the way back. */
export function Toasts() {
  const toasts = useUi((ui) => ui.toasts)
  return (
    <output className="toasts" aria-label="Messages">
      {toasts.map((toast) => <ToastCard key={toast.id} toast={toast} />)}
    </output>
  )
}

function ToastCard({ toast }: { readonly toast: Toast }) {
  const kubeloop = useKubeloop()
  const undoable = useUi((ui) => undoableToast(ui.toasts) === toast)
  useEffect(() => {
    const timer = setTimeout(() => kubeloop.dismiss(toast.id), shownMs)
    return () => clearTimeout(timer)
  }, [kubeloop, toast.id])
  return (
    <div className="toast">
      <div className="min-w-0">
        <div className={toast.tone === 'error' ? 'text-err' : ''}>{toast.text}</div>
        {toast.command && <code className="mono block text-11 break-all text-text3">$ {toast.command}</code>}
      </div>
      {undoable && (
        <Button size="sm" onClick={() => undo(kubeloop, toast)} aria-keyshortcuts="Control+Z" data-tip="Back to the moment before; what came of it is kept as a branch">
          Undo
        </Button>
      )}
      <IconButton label="Dismiss" size="sm" onClick={() => kubeloop.dismiss(toast.id)}><X /></IconButton>
    </div>
  )
}

/** Only the newest action can be taken back, and only while its message is shown. */
const undoableToast = (toasts: readonly Toast[]): Toast | undefined => (toasts.at(-1)?.undo ? toasts.at(-1) : undefined)

function undo(kubeloop: Kubeloop, toast: Toast): void {
  kubeloop.send({ type: 'undo' })
  kubeloop.dismiss(toast.id)
}

/** Takes the newest action back, if its message is still shown. Bound to Ctrl+Z. */
export function undoLatest(kubeloop: Kubeloop): void {
  const toast = undoableToast(kubeloop.ui.getState().toasts)
  if (toast) undo(kubeloop, toast)
}
