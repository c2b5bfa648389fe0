import type { ReactNode } from 'react'

/** Shapes of the status language (design §4); `off` is for what was stopped. */
export type GlyphName = 'ok' | 'run' | 'prog' | 'pend' | 'warn' | 'err' | 'term' | 'unk' | 'done' | 'cord' | 'off'

/** Colours of the status language. */
export type StatusTone = 'ok' | 'info' | 'warn' | 'err' | 'term' | 'unk'

/** The colour that a shape has where nothing else is said. */
export const glyphTone: Readonly<Record<GlyphName, StatusTone>> = {
  ok: 'ok', run: 'info', prog: 'info', pend: 'warn', warn: 'warn', err: 'err', term: 'term', unk: 'unk', done: 'unk', cord: 'unk', off: 'unk',
}

const shapes: Readonly<Record<GlyphName, ReactNode>> = {
  ok: <><circle cx="6" cy="6" r="5.4" fill="currentColor" /><path d="M3.4 6.2l1.8 1.8 3.4-3.7" stroke="var(--bg1)" strokeWidth="1.5" fill="none" /></>,
  run: <><circle cx="6" cy="6" r="4.8" fill="none" stroke="currentColor" strokeWidth="1.3" /><path d="M4.8 3.8v4.4L8.4 6z" fill="currentColor" /></>,
  prog: <><circle cx="6" cy="6" r="4.8" fill="none" stroke="currentColor" strokeWidth="1.3" /><path d="M6 3a3 3 0 0 1 0 6z" fill="currentColor" /></>,
  pend: <circle cx="6" cy="6" r="4.8" fill="none" stroke="currentColor" strokeWidth="1.4" strokeDasharray="2.2 1.57" />,
  warn: <><path d="M6 .9 11.6 11H.4z" fill="currentColor" /><path d="M6 4.3v3.2M6 8.6v1.1" stroke="var(--bg1)" strokeWidth="1.3" fill="none" /></>,
  err: <><path d="M3.7.6h4.6l3.1 3.1v4.6l-3.1 3.1H3.7L.6 8.3V3.7z" fill="currentColor" /><path d="M4 4l4 4M8 4l-4 4" stroke="var(--bg1)" strokeWidth="1.5" fill="none" /></>,
  term: <><path d="M6 .5 11.5 6 6 11.5.5 6z" fill="currentColor" /><path d="M3.6 6h4.8" stroke="var(--bg1)" strokeWidth="1.5" /></>,
  unk: <><path d="M3.3 1.2h5.4L11.4 6l-2.7 4.8H3.3L.6 6z" fill="none" stroke="currentColor" strokeWidth="1.2" /><path d="M4.6 4.7c0-2 2.9-1.9 2.9-.1 0 1.1-1.4 1-1.4 2.1M6.1 8v1" stroke="currentColor" strokeWidth="1.1" fill="none" /></>,
  done: <><rect x="1" y="1" width="10" height="10" rx="2" fill="none" stroke="currentColor" strokeWidth="1.3" /><path d="M3.5 6.2l1.8 1.8 3.2-3.7" stroke="currentColor" strokeWidth="1.4" fill="none" /></>,
  cord: <><circle cx="6" cy="6" r="4.8" fill="none" stroke="currentColor" strokeWidth="1.4" /><path d="M2.6 9.4l6.8-6.8" stroke="currentColor" strokeWidth="1.4" /></>,
  off: <path d="M6 1v4.5M3.3 2.6a4.5 4.5 0 1 0 5.4 0" stroke="currentColor" strokeWidth="1.4" fill="none" />,
}

/** A status as a shape. Its word stands beside it or in the accessible name of what it belongs to. */
export function Glyph({ name, tone = glyphTone[name], size = 12 }: { readonly name: GlyphName; readonly tone?: StatusTone; readonly size?: number }) {
  return <svg className={tone} viewBox="0 0 12 12" width={size} height={size} aria-hidden="true">{shapes[name]}</svg>
}

/** The same shapes as paths, for canvas. Lines are 1.3 wide; `fill` are solid shapes, `cut` is drawn over them in the ground's colour. */
export const glyphPaths: Readonly<Record<GlyphName, { readonly fill?: string; readonly line?: string; readonly cut?: string; readonly dash?: readonly number[] }>> = {
  ok: { fill: 'M.6 6a5.4 5.4 0 1 0 10.8 0a5.4 5.4 0 1 0-10.8 0z', cut: 'M3.4 6.2l1.8 1.8 3.4-3.7' },
  run: { line: 'M1.2 6a4.8 4.8 0 1 0 9.6 0a4.8 4.8 0 1 0-9.6 0z', fill: 'M4.8 3.8v4.4L8.4 6z' },
  prog: { line: 'M1.2 6a4.8 4.8 0 1 0 9.6 0a4.8 4.8 0 1 0-9.6 0z', fill: 'M6 3a3 3 0 0 1 0 6z' },
  pend: { line: 'M1.2 6a4.8 4.8 0 1 0 9.6 0a4.8 4.8 0 1 0-9.6 0z', dash: [2.2, 1.57] },
  warn: { fill: 'M6 .9 11.6 11H.4z', cut: 'M6 4.3v3.2M6 8.6v1.1' },
  err: { fill: 'M3.7.6h4.6l3.1 3.1v4.6l-3.1 3.1H3.7L.6 8.3V3.7z', cut: 'M4 4l4 4M8 4l-4 4' },
  term: { fill: 'M6 .5 11.5 6 6 11.5.5 6z', cut: 'M3.6 6h4.8' },
  unk: { line: 'M3.3 1.2h5.4L11.4 6l-2.7 4.8H3.3L.6 6zM4.6 4.7c0-2 2.9-1.9 2.9-.1 0 1.1-1.4 1-1.4 2.1M6.1 8v1' },
  done: { line: 'M1 1h10v10h-10zM3.5 6.2l1.8 1.8 3.2-3.7' },
  cord: { line: 'M1.2 6a4.8 4.8 0 1 0 9.6 0a4.8 4.8 0 1 0-9.6 0zM2.6 9.4l6.8-6.8' },
  off: { line: 'M6 1v4.5M3.3 2.6a4.5 4.5 0 1 0 5.4 0' },
}
