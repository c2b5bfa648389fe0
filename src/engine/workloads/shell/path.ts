import type { ShellState } from './state'

/** A path made absolute. */
export function absolute(state: Pick<ShellState, 'cwd'>, path: string): string {
  const parts: string[] = []
  for (const p of (path.startsWith('/') ? path : `${state.cwd}/${path}`).split('/')) {
    if (p === '' || p === '.') continue
    if (p === '..') parts.pop()
    else parts.push(p)
  }
  return `/${parts.join('/')}`
}
