import { useState } from 'react'
import { Button, Dialog } from '../../kit'
import { inNamespace, runKubectl, useKubeloop, useRow, useUi } from '../../state'

/** A form with one image per container; each changed one is a `kubectl set image`. */
export function SetImage() {
  const kubeloop = useKubeloop()
  const key = useUi((ui) => ui.dialog?.key ?? '')
  const workload = useRow(kubeloop.workloads, key)
  const [images, setImages] = useState<Readonly<Record<string, string>>>({})
  const close = (): void => kubeloop.setUi({ dialog: null })
  if (!workload) return null
  const changed = workload.images.filter(({ container, image }) => (images[container] ?? image).trim() !== image && images[container]?.trim())
  const pairs = changed.map(({ container }) => `${container}=${images[container]?.trim()}`).join(' ')
  const line = `kubectl set image ${workload.kind.toLowerCase()}/${workload.name} ${pairs}${inNamespace(workload.namespace)}`
  return (
    <Dialog title={`Set image of ${workload.name}`} onClose={close}>
      <form
        className="flex flex-col gap-3" onSubmit={(event) => {
          event.preventDefault()
          if (changed.length > 0) runKubectl(kubeloop, `${workload.name} gets another image`, line)
          close()
        }}
      >
        {workload.images.map(({ container, image }) => (
          <label key={container} className="flex flex-col gap-1 text-12">
            <span className="text-text3">Container {container}</span>
            <input
              className="mono h-8 rounded-2 border border-line2 bg-bg0 px-2 coarse:h-11" defaultValue={image} spellCheck={false} autoCapitalize="off"
              onChange={(event) => setImages({ ...images, [container]: event.target.value })}
            />
          </label>
        ))}
        {changed.length > 0 && <code className="mono text-11 break-all text-text3">$ {line}</code>}
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button tone="primary" type="submit" disabled={changed.length === 0}>Set image</Button>
        </div>
      </form>
    </Dialog>
  )
}
