import { Segmented } from '../../kit'
import { useKeys, useKubeloop, useUi, type Detail } from '../../state'

const options: readonly { readonly id: Exclude<Detail, 'auto'>; readonly title: string }[] = [
  { id: 'tiles', title: 'Tiles' },
  { id: 'cards', title: 'Cards' },
  { id: 'pods', title: 'Pods' },
]

/** How closely nodes are drawn; offered when there are more than fit as full cards. */
export function DetailSwitch() {
  const { nodes, setUi } = useKubeloop()
  const many = useKeys(nodes).length > 12
  const detail = useUi((ui) => ui.detail)
  const onMap = useUi((ui) => ui.view === 'map')
  if (!many || !onMap) return null
  return <Segmented small label="Detail" options={options} value={detail === 'auto' ? 'tiles' : detail} onChange={(next) => setUi({ detail: next })} />
}
