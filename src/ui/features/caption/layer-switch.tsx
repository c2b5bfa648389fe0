import { Segmented } from '../../kit'
import { useKubeloop, useUi } from '../../state'

const options = [{ id: 'control', title: 'Control' }, { id: 'traffic', title: 'Traffic' }] as const

/** What the map shows: the control plane's messages, or requests. */
export function LayerSwitch() {
  const { setUi, slots } = useKubeloop()
  const layer = useUi((ui) => ui.layer)
  const onMap = useUi((ui) => ui.view === 'map')
  if (!onMap || !slots.dialogs.some(({ id }) => id === 'send-request')) return null
  return <Segmented small label="Layer" options={options} value={layer} onChange={(next) => setUi({ layer: next })} />
}
