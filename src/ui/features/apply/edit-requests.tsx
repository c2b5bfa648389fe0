import { useEffect, useRef } from 'react'
import { pendingEdit, useKubeloop, useOutput } from '../../state'

/** Opens the editor when a command asks for a text; once for each, so that going through time does not open it again. */
export function EditRequests() {
  const kubeloop = useKubeloop()
  const edit = pendingEdit(useOutput())
  const opened = useRef('')
  const key = edit ? `${edit.command} ${edit.at}` : ''
  const command = edit?.command
  useEffect(() => {
    if (command === undefined || key === opened.current) return
    opened.current = key
    kubeloop.setUi({ dialog: { name: 'edit', key: String(command) } })
  }, [kubeloop, command, key])
  return null
}
