/** Lines that are compared at most; longer texts count as replaced as a whole. */
const mostLines = 4_000

type Edit = readonly [kind: ' ' | '-' | '+', line: string]

/** What `diff -u -N` prints for two texts, without its command line; '' when they are equal. */
export function unifiedDiff(before: string, after: string, beforeName: string, afterName: string): string {
  if (before === after) return ''
  const a = before === '' ? [] : before.replace(/\n$/, '').split('\n')
  const b = after === '' ? [] : after.replace(/\n$/, '').split('\n')
  const edits = script(a, b)
  let out = `--- ${beforeName}\n+++ ${afterName}\n`
  for (let i = 0; i < edits.length; ) {
    while (i < edits.length && edits[i]?.[0] === ' ') i++
    if (i >= edits.length) break
    const from = Math.max(0, i - 3)
    let end = i
    for (let same = 0, k = i; k < edits.length && same <= 6; k++) {
      same = edits[k]?.[0] === ' ' ? same + 1 : 0
      if (same === 0) end = k
    }
    const to = Math.min(edits.length, end + 4)
    const hunk = edits.slice(from, to)
    const count = (list: readonly Edit[], skip: string): number => list.filter(([k]) => k !== skip).length
    const range = (skip: '+' | '-'): string => {
      const lines = count(hunk, skip)
      const start = count(edits.slice(0, from), skip) + (lines === 0 ? 0 : 1)
      return lines === 1 ? String(start) : `${start},${lines}`
    }
    out += `@@ -${range('+')} +${range('-')} @@\n${hunk.map(([k, line]) => `${k}${line}\n`).join('')}`
    i = to
  }
  return out
}

/** A shortest edit script by longest common subsequence of what differs between the common ends. */
function script(a: readonly string[], b: readonly string[]): readonly Edit[] {
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head++
  let tail = 0
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++
  const x = a.slice(head, a.length - tail)
  const y = b.slice(head, b.length - tail)
  const out: Edit[] = a.slice(0, head).map((l) => [' ', l])
  if (x.length > mostLines || y.length > mostLines) out.push(...x.map((l): Edit => ['-', l]), ...y.map((l): Edit => ['+', l]))
  else out.push(...middle(x, y))
  out.push(...a.slice(a.length - tail).map((l): Edit => [' ', l]))
  return out
}

function middle(x: readonly string[], y: readonly string[]): Edit[] {
  const w = y.length + 1
  const length = new Uint16Array((x.length + 1) * w)
  for (let i = x.length - 1; i >= 0; i--) {
    for (let j = y.length - 1; j >= 0; j--) length[i * w + j] = x[i] === y[j] ? (length[(i + 1) * w + j + 1] as number) + 1 : Math.max(length[(i + 1) * w + j] as number, length[i * w + j + 1] as number)
  }
  const out: Edit[] = []
  let [i, j] = [0, 0]
  while (i < x.length || j < y.length) {
    if (i < x.length && j < y.length && x[i] === y[j]) {
      out.push([' ', x[i] as string])
      i++
      j++
    } else if (i < x.length && (j >= y.length || (length[(i + 1) * w + j] as number) >= (length[i * w + j + 1] as number))) out.push(['-', x[i++] as string])
    else out.push(['+', y[j++] as string])
  }
  return out
}
