import type { Kubeloop } from '../../state'

/** Most files that are taken at once, and the longest one. Units: files, bytes. */
const mostFiles = 20
const mostBytes = 1024 * 1024

/** Takes files that are dropped on an element as files of the machine that lines are typed on. The result ends that. */
export function takeDrops(kubeloop: Kubeloop, element: HTMLElement): () => void {
  const drop = (event: DragEvent): void => {
    const files = [...(event.dataTransfer?.files ?? [])]
    if (files.length === 0) return
    event.preventDefault() // it is no manifest for the editor
    void take(kubeloop, files)
  }
  element.addEventListener('drop', drop)
  return () => element.removeEventListener('drop', drop)
}

async function take(kubeloop: Kubeloop, files: readonly File[]): Promise<void> {
  const wanted = files.slice(0, mostFiles).filter(({ size }) => size <= mostBytes)
  const left = files.length - wanted.length
  const texts = await Promise.all(wanted.map((file) => file.text()))
  const taken = wanted.filter((_, i) => !texts[i]?.includes('\0'))
  wanted.forEach(({ name }, i) => {
    const text = texts[i] ?? ''
    if (!text.includes('\0')) kubeloop.input({ type: 'file', path: name.replace(/[/\\]/g, '_'), text })
  })
  const odd = left + wanted.length - taken.length
  if (taken.length > 0) kubeloop.toast({ tone: 'plain', text: taken.length === 1 ? `${taken[0]?.name ?? ''} is in your home folder` : `${taken.length} files are in your home folder`, command: 'ls' })
  if (odd > 0) kubeloop.toast({ tone: 'error', text: `${odd === 1 ? 'A file was' : `${odd} files were`} not taken: only texts of up to 1 MiB, ${mostFiles} at a time` })
}
