import type { Kubeloop } from '../state'

/**
 * Puts the chosen theme on the document, at once: what is drawn on canvas reads its colours from there, so it must be
 * there before the first component renders with it.
 */
export function followTheme({ ui }: Kubeloop): void {
  const show = (): void => {
    const { theme } = ui.getState()
    document.documentElement.dataset.theme = theme
    document.querySelector('meta[name="theme-color"]')?.setAttribute('content', getComputedStyle(document.documentElement).getPropertyValue('--bg0').trim())
  }
  show()
  ui.subscribe((now, before) => {
    if (now.theme === before.theme) return
    show()
    try {
      localStorage.setItem('kubeloop.theme', now.theme)
    } catch {
      // Storage may be forbidden: the theme then follows the system at the next visit.
    }
  })
}
