import { useLayoutEffect, useRef } from 'react'
import { glyphTone, Glyph, type GlyphName, type StatusTone } from './glyph'
import { leftText } from './duration'
import { useTick } from './sim-clock'

/** A span of simulated time. `endsAt` null: nothing will end it. Units: µs. */
export interface RingSpan {
  readonly startedAt: number
  readonly endsAt: number | null
}

/**
 * Time left, clockwise from 12 o'clock; a full circle when it just began or when nothing ends it. `span` undefined draws
 * the track alone, `'full'` a closed circle. It follows the simulated clock without re-rendering.
 */
export function Ring({ span, tone, size, width = 2, glyph, print = false }: {
  readonly span: RingSpan | 'full' | undefined
  readonly tone?: StatusTone
  readonly size: number
  readonly width?: number
  readonly glyph?: GlyphName | undefined
  /** Writes the time left into the ring (large rings). */
  readonly print?: boolean
}) {
  const arc = useRef<SVGCircleElement>(null)
  const text = useRef<SVGTextElement>(null)
  const drawn = useRef(-1)
  const r = (size - width) / 2
  const around = 2 * Math.PI * r
  const shown = span !== undefined
  useLayoutEffect(() => {
    drawn.current = -1 // the arc may be another element than before
  }, [shown])
  useTick((now) => {
    const left = fractionLeft(span, now)
    const length = Math.round(left * around * 4) / 4 // finer steps than a quarter of a pixel cannot be seen
    if (arc.current && drawn.current !== length) {
      drawn.current = length
      arc.current.setAttribute('stroke-dasharray', `${length} ${around + 1}`)
    }
    const words = typeof span === 'object' ? (span.endsAt === null ? '∞' : leftText(span.endsAt - now)) : ''
    if (text.current && text.current.textContent !== words) text.current.textContent = words
  })
  const inner = Math.round(size / 2)
  return (
    <svg className={tone ?? (glyph ? glyphTone[glyph] : 'unk')} viewBox={`0 0 ${size} ${size}`} width={size} height={size} aria-hidden="true">
      <circle cx={size / 2} cy={size / 2} r={r} fill="none" stroke="var(--line2)" strokeWidth={width} />
      {shown && (
        <circle
          ref={arc} cx={size / 2} cy={size / 2} r={r} fill="none" stroke="currentColor" strokeWidth={width}
          transform={`rotate(-90 ${size / 2} ${size / 2})`}
        />
      )}
      {glyph && !print && (
        <svg x={(size - inner) / 2} y={(size - inner) / 2} width={inner} height={inner}>
          <Glyph name={glyph} tone={tone ?? glyphTone[glyph]} size={inner} />
        </svg>
      )}
      {print && <text ref={text} x={size / 2} y={size / 2 + 4} textAnchor="middle" fill="currentColor" fontFamily="var(--font-mono)" fontSize="11" fontWeight="600" />}
    </svg>
  )
}

/** 1 when it just began, 0 when it is over. */
function fractionLeft(span: RingSpan | 'full' | undefined, now: number): number {
  if (span === undefined) return 0
  if (span === 'full' || span.endsAt === null) return 1
  const total = span.endsAt - span.startedAt
  return total <= 0 ? 0 : Math.min(1, Math.max(0, (span.endsAt - now) / total))
}
