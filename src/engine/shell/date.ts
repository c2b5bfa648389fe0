const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')
const DAYS = 'Thu Fri Sat Sun Mon Tue Wed'.split(' ')

/** What `date` prints of a time in UTC: by a format (`+%F %T`), or as it does by itself. Units: µs since 1970. */
export function dateText(us: number, iso: string, format?: string): string {
  const day = DAYS[Math.floor(us / 86_400_000_000) % 7] ?? ''
  const month = MONTHS[Number(iso.slice(5, 7)) - 1] ?? ''
  const time = iso.slice(11, 19)
  const date = iso.slice(8, 10)
  if (format === undefined) return `${day} ${month} ${String(Number(date)).padStart(2)} ${time} UTC ${iso.slice(0, 4)}`
  const fields: Readonly<Record<string, string>> = {
    Y: iso.slice(0, 4), y: iso.slice(2, 4), m: iso.slice(5, 7), d: date, e: String(Number(date)).padStart(2), H: iso.slice(11, 13), M: iso.slice(14, 16), S: iso.slice(17, 19), F: iso.slice(0, 10), T: time, D: `${iso.slice(5, 7)}/${date}/${iso.slice(2, 4)}`, R: time.slice(0, 5),
    s: String(Math.floor(us / 1_000_000)), N: `${String(Math.floor(us) % 1_000_000).padStart(6, '0')}000`, a: day, b: month, h: month, Z: 'UTC', z: '+0000', n: '\n', t: '\t', '%': '%',
    c: `${day} ${month} ${String(Number(date)).padStart(2)} ${time} ${iso.slice(0, 4)}`,
  }
  return format.replace(/%(\d?[A-Za-z%])/g, (all, f: string) => (f === '3N' ? (fields['N'] ?? '').slice(0, 3) : (fields[f] ?? all)))
}
