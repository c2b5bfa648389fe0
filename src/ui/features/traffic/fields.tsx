import type { ReactNode } from 'react'
import type { Kubeloop } from '../../state'
import { clientOptions } from './targets'

/** Looks of an input. */
export const field = 'h-8 w-full min-w-0 rounded-2 border border-line2 bg-bg0 px-2 text-12 coarse:h-11'

/** An input with its name above. */
export function Field({ label, hint, children }: { readonly label: string; readonly hint?: string; readonly children: ReactNode }) {
  return (
    <label className="flex min-w-0 flex-col gap-1 text-12">
      <span className="text-text3">{label}{hint && <span className="text-11">, {hint}</span>}</span>
      {children}
    </label>
  )
}

/** Who sends: you, a pod, a node. */
export function ClientSelect({ kubeloop, value, onChange }: { readonly kubeloop: Kubeloop; readonly value: string; readonly onChange: (id: string) => void }) {
  const options = clientOptions(kubeloop)
  const known = options.some(({ id }) => id === value)
  return (
    <Field label="From">
      <select aria-label="From" className={field} value={value} onChange={(event) => onChange(event.target.value)}>
        {!known && <option value={value}>{value.replace(/^(pod|node)\//, '')}</option>}
        {(['Outside', 'Pods', 'Nodes'] as const).map((group) => (
          <optgroup key={group} label={group}>
            {options.filter((o) => o.group === group).map((o) => <option key={o.id} value={o.id}>{o.label}</option>)}
          </optgroup>
        ))}
      </select>
    </Field>
  )
}
