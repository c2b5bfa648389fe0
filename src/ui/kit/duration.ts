/** Microseconds of simulated time as a clock shows them: `00:41.402`, `12:11:06.200`; `−01:58.000` before the session began. */
export function clockText(us: number, digits = 3): string {
  if (us < 0) return `−${clockText(-us, digits)}`
  const ms = Math.floor(us / 1000)
  const hours = Math.floor(ms / 3_600_000)
  const minutes = pad(Math.floor(ms / 60_000) % 60)
  const seconds = pad(Math.floor(ms / 1000) % 60)
  const fraction = digits > 0 ? `.${String(ms % 1000).padStart(3, '0').slice(0, digits)}` : ''
  return `${hours > 0 ? `${pad(hours)}:` : ''}${minutes}:${seconds}${fraction}`
}

/** A duration in words of the UI: `3 s`, `1m 23s`, `2h 5m`. */
export function durationText(us: number): string {
  const s = Math.max(0, Math.floor(us / 1_000_000))
  if (s < 60) return `${s} s`
  if (s < 3600) return `${Math.floor(s / 60)}m ${s % 60}s`
  return `${Math.floor(s / 3600)}h ${Math.floor((s % 3600) / 60)}m`
}

/** Time left as a ring prints it: `9`, `4:28`. Rounded up, so that 0 means over. */
export function leftText(us: number): string {
  const s = Math.max(0, Math.ceil(us / 1_000_000))
  return s < 60 ? String(s) : `${Math.floor(s / 60)}:${pad(s % 60)}`
}

/** Time left in a sentence: `24 s`, `4:28`. */
export function countdownText(us: number): string {
  const left = leftText(us)
  return left.includes(':') ? left : `${left} s`
}

const pad = (n: number): string => String(n).padStart(2, '0')

/** A number with thousands separated, as revisions are printed: `1,289`. */
export function numberText(n: number): string {
  return n < 1000 ? String(n) : String(n).replace(/\B(?=(\d{3})+(?!\d))/g, ',')
}
