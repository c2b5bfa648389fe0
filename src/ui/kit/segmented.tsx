import type { ComponentType } from 'react'
import { cx } from './button'

interface Option<T extends string> {
  readonly id: T
  readonly title: string
  readonly Icon?: ComponentType<{ className?: string }> | undefined
}

/** A few choices side by side, one of them pressed. */
export function Segmented<T extends string>({ label, options, value, onChange, small, className }: {
  readonly label: string
  readonly options: readonly Option<T>[]
  readonly value: T
  readonly onChange: (value: T) => void
  readonly small?: boolean
  readonly className?: string
}) {
  return (
    <fieldset aria-label={label} className={cx('seg', small && 'sm', className)}>
      {options.map(({ id, title, Icon }) => (
        <button key={id} type="button" aria-pressed={id === value} onClick={() => onChange(id)}>
          {Icon && <Icon />}
          {title}
        </button>
      ))}
    </fieldset>
  )
}
