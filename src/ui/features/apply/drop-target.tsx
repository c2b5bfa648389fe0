import { useEffect, useState } from 'react'
import { useKubeloop } from '../../state'
import { takeFiles } from './take-files'

/** Takes files dropped anywhere on the page, and says so while they hover over it. */
export function DropTarget() {
  const kubeloop = useKubeloop()
  const [over, setOver] = useState(false)
  useEffect(() => {
    let depth = 0 // enter and leave come for every element that is passed
    const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false
    const enter = (event: DragEvent): void => {
      if (!hasFiles(event)) return
      event.preventDefault()
      depth++
      setOver(true)
    }
    const leave = (event: DragEvent): void => {
      if (hasFiles(event) && --depth <= 0) setOver(false)
    }
    const drop = (event: DragEvent): void => {
      if (!hasFiles(event)) return
      event.preventDefault()
      depth = 0
      setOver(false)
      const files = [...(event.dataTransfer?.files ?? [])]
      if (files.length === 0) return
      kubeloop.setUi({ dialog: { name: 'apply', key: '' } })
      void takeFiles(kubeloop, files)
    }
    const dragOver = (event: DragEvent): void => {
      if (hasFiles(event)) event.preventDefault()
    }
    document.addEventListener('dragenter', enter)
    document.addEventListener('dragleave', leave)
    document.addEventListener('dragover', dragOver)
    document.addEventListener('drop', drop)
    return () => {
      document.removeEventListener('dragenter', enter)
      document.removeEventListener('dragleave', leave)
      document.removeEventListener('dragover', dragOver)
      document.removeEventListener('drop', drop)
    }
  }, [kubeloop])
  if (!over) return null
  return (
    <div className="pointer-events-none fixed inset-2 z-50 flex items-center justify-center rounded-4 border-2 border-dashed border-accent bg-bg0/80">
      <p className="rounded-3 bg-bg2 px-4 py-3 text-14 font-semibold shadow-(--shadow)">Drop manifests to apply them</p>
    </div>
  )
}
