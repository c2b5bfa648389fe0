import { useEffect } from 'react'
import { X } from 'lucide-react'
import { Button, IconButton } from '../../kit'
import { useKubeloop, useSession, useUi, type Kubeloop, type Toast } from '../../state'

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
  const branched = useSession((s) => toast.undo !== undefined && s.clock.branch !== toast.undo.branch)
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
      {toast.undo && (
        <Button size="sm" onClick={() => goBack(kubeloop, toast)} aria-keyshortcuts="Control+Z" data-tip={branched ? 'Return to the branch before' : 'Return to the moment before; acting there starts a branch'}>
          {branched ? 'Undo' : 'Go back before it'}
        </Button>
      )}
      <IconButton label="Dismiss" size="sm" onClick={() => kubeloop.dismiss(toast.id)}><X /></IconButton>
    </div>
  )
}

/** The moment before what a message tells of: on the branch that was left by it, or earlier on this one. */
function goBack(kubeloop: Kubeloop, { id, undo }: Toast): void {
  if (!undo) return
  kubeloop.send({ type: 'pause' })
  if (kubeloop.session.getState().clock.branch !== undo.branch) kubeloop.send({ type: 'branch', id: undo.branch })
  kubeloop.send({ type: 'seek', to: { at: undo.at } })
  kubeloop.dismiss(id)
}

/** Goes back before the newest message that offers it. Bound to Ctrl+Z. */
export function undoLatest(kubeloop: Kubeloop): void {
  const toast = kubeloop.ui.getState().toasts.findLast((t) => t.undo)
  if (toast) goBack(kubeloop, toast)
}
