import { shellWords } from './shell-words'

/**
 * The namespace that a line gives the context when it succeeds: `kubectl config set-context --current --namespace=x`; undefined for other lines.
 * Whoever keeps the session's context (cluster) asks, and passes it to the commands that follow.
 */
export function contextNamespace(line: string): string | undefined {
  const { words } = shellWords(line) as { words?: readonly string[] }
  if (words === undefined || words[1] !== 'config' || !words.includes('set-context')) return undefined
  const at = words.findIndex((w) => w === '--namespace' || w === '-n' || w.startsWith('--namespace='))
  if (at < 0) return undefined
  const word = words[at] as string
  return word.includes('=') ? word.slice(word.indexOf('=') + 1) : words[at + 1]
}
