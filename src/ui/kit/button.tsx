import type { ComponentProps, ReactNode } from 'react'

type ButtonProps = ComponentProps<'button'> & { readonly tone?: 'plain' | 'primary' | 'danger'; readonly size?: 'sm' | 'md' | 'lg' }

/** A button with words. */
export function Button({ tone = 'plain', size = 'md', className, ...rest }: ButtonProps) {
  const tones = { plain: '', primary: 'pri', danger: 'dng' }
  const sizes = { sm: 'sm', md: '', lg: 'lg' }
  return <button type="button" className={cx('btn', tones[tone], sizes[size], className)} {...rest} />
}

type IconButtonProps = Omit<ButtonProps, 'aria-label' | 'children'> & { readonly label: string; readonly keys?: string | undefined; readonly children: ReactNode }

/** A button that is a picture; its label is said and shown on hover, with its key. */
export function IconButton({ label, keys, tone = 'plain', size = 'md', className, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      aria-keyshortcuts={keys}
      data-tip={keys ? `${label} (${keys})` : label}
      className={cx('ib', tone === 'primary' && 'pri', size === 'sm' && 'sm', className)}
      {...rest}
    />
  )
}

/** Class names, without those that are false. */
export function cx(...names: readonly (string | false | null | undefined)[]): string {
  return names.filter(Boolean).join(' ')
}
