import { useEffect, useState } from 'react'
import { listen } from '../../kit'
import { useKubeloop } from '../../state'
import { takeFiles } from './take-files'

/** What becomes of files that are dropped here: something on the page may take them for itself. */
function wordsFor(target: EventTarget | null): string {
  return (target instanceof Element ? target.closest<HTMLElement>('[data-takes-files]')?.dataset.takesFiles : undefined) ?? 'Drop manifests to apply them'
}

/** Takes files dropped anywhere on the page, and says so while they hover over it. */
export function DropTarget() {
  const kubeloop = useKubeloop()
  const [over, setOver] = useState<string | null>(null)
  useEffect(() => {
    let depth = 0 // enter and leave come for every element that is passed
    const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false
    const enter = (event: DragEvent): void => {
      if (!hasFiles(event)) return
      event.preventDefault()
      depth++
      setOver(wordsFor(event.target))
    }
    const leave = (event: DragEvent): void => {
      if (hasFiles(event) && --depth <= 0) setOver(null)
    }
    const drop = (event: DragEvent): void => {
      if (!hasFiles(event)) return
      depth = 0
      setOver(null)
      if (event.defaultPrevented) return // what it was dropped on has taken it
      event.preventDefault()
      const files = [...(event.dataTransfer?.files ?? [])]
      if (files.length === 0) return
      kubeloop.setUi({ dialog: { name: 'apply', key: '' } })
      void takeFiles(kubeloop, files)
    }
    const dragOver = (event: DragEvent): void => {
      if (hasFiles(event)) event.preventDefault()
    }
    return listen(document, { dragenter: enter, dragleave: leave, dragover: dragOver, drop })
  }, [kubeloop])
  if (over === null) return null
  return (
    <div className="pointer-events-none fixed inset-2 z-50 flex items-center justify-center rounded-4 border-2 border-dashed border-accent bg-bg0/80">
      <p className="rounded-3 bg-bg2 px-4 py-3 text-14 font-semibold shadow-(--shadow)">{over}</p>
    </div>
  )
}
