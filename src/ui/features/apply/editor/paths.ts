import { isMap, isPair, isScalar, isSeq, type Node } from 'yaml'

/** Part of a text, by offsets. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** `spec.containers[0].ports` as its keys and indexes. Keys with dots stand in brackets: `metadata.labels[a.b/c]`. */
export function pathOf(text: string): readonly (string | number)[] {
  const parts: (string | number)[] = []
  for (const [, key, inBrackets] of text.matchAll(/([^.[\]]+)|\[([^\]]*)\]/g)) {
    if (key !== undefined) parts.push(key)
    else if (inBrackets !== undefined) parts.push(/^\d+$/.test(inBrackets) ? Number(inBrackets) : inBrackets.replace(/^"(.*)"$/, '$1'))
  }
  return parts
}

/**
 * Where a path of the server stands in a document: the key of its deepest part that is there. A list without an index
 * in the path (as Go's decoder names fields) is searched item by item.
 */
export function spanOf(root: Node | null, path: readonly (string | number)[]): (Span & { readonly depth: number; readonly value: Node | null }) | null {
  if (path.length === 0) return null
  const [part, ...rest] = path
  if (isSeq(root)) {
    if (typeof part === 'number') {
      const item = root.items[part] as Node | undefined
      if (!item?.range) return null
      return deeper(item, rest, { from: item.range[0], to: firstLine(item) })
    }
    let best: ReturnType<typeof spanOf> = null
    for (const item of root.items) {
      const found = spanOf(item as Node, path)
      if (found && (!best || found.depth > best.depth)) best = found
    }
    return best
  }
  if (!isMap(root)) return null
  const pair = root.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(part))
  const key = pair && isScalar(pair.key) ? pair.key.range : undefined
  if (!pair || !key) return null
  return deeper(pair.value as Node | null, rest, { from: key[0], to: key[1] })
}

function deeper(value: Node | null, rest: readonly (string | number)[], here: Span): NonNullable<ReturnType<typeof spanOf>> {
  const found = spanOf(value, rest)
  return found ? { ...found, depth: found.depth + 1 } : { ...here, depth: 1, value: rest.length === 0 ? value : null }
}

/** A list's item is shown by what begins it, not by all its lines. */
function firstLine(node: Node): number {
  if (isMap(node)) {
    const first = node.items[0]
    if (first && isScalar(first.key) && first.key.range) return first.key.range[1]
  }
  return node.range?.[1] ?? 0
}
