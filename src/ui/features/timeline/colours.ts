import type { Colours } from './paint'

/** The tokens that the canvas needs, as the theme of `element` has them now. */
export function readColours(element: Element): Colours {
  const style = getComputedStyle(element)
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim()
  return {
    bg0: token('bg0'), bg1: token('bg1'), line1: token('line1'), line2: token('line2'), line3: token('line3'), text2: token('text2'), text3: token('text3'),
    accent: token('accent'), warn: token('warn'), err: token('err'), info: token('info'), mono: token('font-mono'), ui: token('font-ui'),
  }
}
