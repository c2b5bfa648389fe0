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
  const canGoBack = useSession((s) => momentBefore(toast, s.clock.branch) !== undefined)
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
      {canGoBack && (
        <Button size="sm" onClick={() => goBack(kubeloop, toast)} aria-keyshortcuts="Control+Z" data-tip={branched ? 'Return to the branch before' : 'Return to the moment before; acting there starts a branch'}>
          {branched ? 'Undo' : 'Go back before it'}
        </Button>
      )}
      <IconButton label="Dismiss" size="sm" onClick={() => kubeloop.dismiss(toast.id)}><X /></IconButton>
    </div>
  )
}

/**
 * The moment before what a message tells of. On the branch that was left by it, that is the moment of the action; on the
 * same branch it is 1 µs earlier, because a seek to a moment does what was done at that moment. Undefined when there is none.
 */
function momentBefore({ undo }: Toast, branch: number): number | undefined {
  if (!undo) return undefined
  if (branch !== undo.branch) return undo.at
  return undo.at > 0 ? undo.at - 1 : undefined
}

function goBack(kubeloop: Kubeloop, toast: Toast): void {
  const { branch } = kubeloop.session.getState().clock
  const at = momentBefore(toast, branch)
  if (!toast.undo || at === undefined) return
  kubeloop.send({ type: 'pause' })
  if (branch !== toast.undo.branch) kubeloop.send({ type: 'branch', id: toast.undo.branch })
  kubeloop.send({ type: 'seek', to: { at } })
  kubeloop.dismiss(toast.id)
}

/** Goes back before the newest message that offers it. Bound to Ctrl+Z. */
export function undoLatest(kubeloop: Kubeloop): void {
  const toast = kubeloop.ui.getState().toasts.findLast((t) => momentBefore(t, kubeloop.session.getState().clock.branch) !== undefined)
  if (toast) goBack(kubeloop, toast)
}
