/** One document of a file. */
export interface Doc {
  readonly text: string
  /** Offset of its text in the file. */
  readonly from: number
  /** Number of its first line in the file, from 1. */
  readonly line: number
}

/** The documents of a file, split as kubectl does: at lines that begin with `---`. Those without content are left out. */
export function documentsOf(file: string): readonly Doc[] {
  const docs: Doc[] = []
  let from = 0
  let line = 1
  let begin = { from: 0, line: 1 }
  const push = (to: number): void => {
    const text = file.slice(begin.from, to)
    if (/^\s*[^\s#]/m.test(text.replace(/^%.*$/gm, ''))) docs.push({ text, ...begin })
  }
  for (const part of file.split('\n')) {
    const next = from + part.length + 1
    if (part.startsWith('---')) {
      push(from)
      begin = { from: Math.min(next, file.length), line: line + 1 }
    }
    from = next
    line++
  }
  push(file.length)
  return docs
}

/** `kind/name` of a document as far as it says so; read from its lines, so that it works while one types. */
export function headOf(text: string): { readonly apiVersion: string; readonly kind: string; readonly name: string; readonly namespace: string } {
  const first = (pattern: RegExp, within: string): string => (pattern.exec(within)?.[1] ?? '').replace(/^(['"])(.*)\1$/, '$2')
  const metadata = /^metadata:[ \t]*(\{[^\n]*\}|(?:\n(?:[ \t]+[^\n]*|[ \t]*))*)/m.exec(text)?.[1] ?? ''
  const indent = /^([ \t]+)\S/m.exec(metadata)?.[1] ?? ''
  const inMetadata = (key: string): string => first(metadata.startsWith('{') ? new RegExp(`[{,]\\s*${key}:\\s*([^\\s,}]+)`) : new RegExp(`^${indent}${key}:[ \\t]*([^\\s#]+)`, 'm'), metadata)
  return { apiVersion: first(/^apiVersion:[ \t]*([^\s#]+)/m, text), kind: first(/^kind:[ \t]*([^\s#]+)/m, text), name: inMetadata('name'), namespace: inMetadata('namespace') }
}
