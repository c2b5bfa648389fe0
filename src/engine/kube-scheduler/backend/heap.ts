/** Orders two entries: true when `a` comes before `b`. Must be total. */
export type Less<T> = (a: T, b: T) => boolean

// A binary heap over a plain array, so that what holds it stays plain data; the order is given with each call.

/** Puts an entry in. */
export function heapPush<T>(heap: T[], item: T, less: Less<T>): void {
  let i = heap.length
  heap.push(item)
  while (i > 0) {
    const parent = (i - 1) >> 1
    const p = heap[parent] as T
    if (!less(item, p)) break
    heap[i] = p
    i = parent
  }
  heap[i] = item
}

/** Takes the first entry out. */
export function heapPop<T>(heap: T[], less: Less<T>): T | undefined {
  const top = heap[0]
  const last = heap.pop()
  if (heap.length > 0 && last !== undefined) sink(heap, 0, last, less)
  return top
}

/** Takes an entry out, wherever it is. Returns false when it is not there. Linear: removals are rare. */
export function heapRemove<T>(heap: T[], item: T, less: Less<T>): boolean {
  const i = heap.indexOf(item)
  if (i < 0) return false
  const rest = heap.filter((x) => x !== item)
  heap.length = 0
  for (const x of rest) heapPush(heap, x, less)
  return true
}

function sink<T>(heap: T[], from: number, item: T, less: Less<T>): void {
  const n = heap.length
  let i = from
  for (;;) {
    let child = 2 * i + 1
    if (child >= n) break
    let c = heap[child] as T
    if (child + 1 < n && less(heap[child + 1] as T, c)) c = heap[++child] as T
    if (less(item, c)) break
    heap[i] = c
    i = child
  }
  heap[i] = item
}
