let context: CanvasRenderingContext2D | null = null
const known = new Map<string, number>()

/** Width of a text in the page's font, as layout will make it. Units: CSS px. */
export function textWidth(text: string, size: number, weight = 400): number {
  const key = `${weight} ${size} ${text}`
  let width = known.get(key)
  if (width === undefined) {
    context ??= document.createElement('canvas').getContext('2d')
    if (!context) return text.length * size * 0.6
    context.font = `${weight} ${size}px ${getComputedStyle(document.body).fontFamily}`
    width = context.measureText(text).width
    if (known.size > 2000) known.clear()
    known.set(key, width)
  }
  return width
}

/** True where fingers press: things are larger then. */
export function isCoarsePointer(): boolean {
  return matchMedia('(pointer: coarse)').matches
}
