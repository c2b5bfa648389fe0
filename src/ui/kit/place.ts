/** A point or a rectangle of the viewport that something floats at. */
export interface Anchor {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** Puts a shown popover below its anchor, or above when there is no room, inside the viewport. */
export function placeAt(element: HTMLElement, anchor: Anchor, gap = 4): void {
  const { offsetWidth: width, offsetHeight: height } = element
  const margin = 8
  const left = Math.max(margin, Math.min(anchor.left, innerWidth - width - margin))
  const below = anchor.bottom + gap
  const top = below + height <= innerHeight - margin ? below : Math.max(margin, anchor.top - gap - height)
  element.style.left = `${left}px`
  element.style.top = `${Math.min(top, Math.max(margin, innerHeight - height - margin))}px`
}
