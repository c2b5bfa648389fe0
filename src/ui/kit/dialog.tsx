import { useEffect, useRef, type ReactNode } from 'react'
import { X } from 'lucide-react'
import { IconButton } from './button'

/** A modal dialog (native: focus stays inside, Esc closes). Rendered means open. */
export function Dialog({ title, onClose, children, wide = false }: { readonly title: string; readonly onClose: () => void; readonly children: ReactNode; readonly wide?: boolean }) {
  const root = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const dialog = root.current
    if (!dialog || dialog.open) return
    dialog.showModal()
    return () => dialog.close()
  }, [])
  return (
    // A press on the backdrop is a press on the dialog itself; keys have Esc.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
    <dialog
      ref={root} aria-label={title} onCancel={(event) => { event.preventDefault(); onClose() }}
      onClick={(event) => event.target === root.current && onClose()}
      className={`m-auto max-h-[calc(100dvh-32px)] w-[calc(100vw-24px)] ${wide ? 'max-w-3xl' : 'max-w-md'} overflow-auto rounded-3 border border-line2 bg-bg1 p-0 text-text shadow-(--shadow) backdrop:bg-black/50`}
    >
      <div className="flex items-center gap-2 border-b border-line1 px-3 py-2">
        <h2 className="flex-1 text-14 font-semibold">{title}</h2>
        <IconButton label="Close" size="sm" onClick={onClose}><X /></IconButton>
      </div>
      <div className="p-3">{children}</div>
    </dialog>
  )
}
