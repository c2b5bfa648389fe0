import type { Environment } from './state'

/** A path made absolute, and seen from the container's own root. */
export function absolute(state: Pick<Environment, 'cwd' | 'root'>, path: string): string {
  const parts: string[] = []
  for (const p of (path.startsWith('/') ? path : `${state.cwd}/${path}`).split('/')) {
    if (p === '' || p === '.') continue
    if (p === '..') parts.pop()
    else parts.push(p)
  }
  return state.root === '' ? `/${parts.join('/')}` : `${state.root}${parts.length === 0 ? '' : '/'}${parts.join('/')}`
}
