/* oxlint-disable no-restricted-globals -- Time zones are data that ECMAScript carries; formatting a given moment reads no clock and no locale of the machine. */

/** What has been looked up; a memory of pure answers. Bounds: 64 zones, 4,096 quarters of an hour each. */
const zones = new Map<string, { readonly format: Intl.DateTimeFormat; readonly offsets: Map<number, number> } | null>()
const mostZones = 64
const mostOffsets = 4096
/** Zones change their offset at whole quarters of an hour (since 1972). */
const quarter = 900

/** Names that are no `Area/Place`. Upstream: the files of /usr/share/zoneinfo */
const plain = new Set([
  'CET', 'CST6CDT', 'Cuba', 'EET', 'EST', 'EST5EDT', 'Egypt', 'Eire', 'GB', 'GB-Eire', 'GMT', 'GMT+0', 'GMT-0', 'GMT0', 'Greenwich', 'HST', 'Hongkong', 'Iceland', 'Iran',
  'Israel', 'Jamaica', 'Japan', 'Kwajalein', 'Libya', 'MET', 'MST', 'MST7MDT', 'NZ', 'NZ-CHAT', 'Navajo', 'PRC', 'PST8PDT', 'Poland', 'Portugal', 'ROC', 'ROK', 'Singapore',
  'Turkey', 'UCT', 'UTC', 'Universal', 'W-SU', 'WET', 'Zulu',
])
const areas = new Set(['Africa', 'America', 'Antarctica', 'Arctic', 'Asia', 'Atlantic', 'Australia', 'Brazil', 'Canada', 'Chile', 'Etc', 'Europe', 'Indian', 'Mexico', 'Pacific', 'US'])

/** Zone names are names of files to upstream, so case counts; ECMAScript's are not. */
function spelled(zone: string): boolean {
  const slash = zone.indexOf('/')
  if (slash < 0) return plain.has(zone)
  const place = zone.slice(slash + 1)
  if (!areas.has(zone.slice(0, slash)) || !/^[A-Z][A-Za-z0-9_+-]*(\/[A-Z][A-Za-z0-9_+-]*)*$/.test(place)) return false
  const known = Intl.supportedValuesOf('timeZone').find((name) => name.toLowerCase() === zone.toLowerCase())
  return known === undefined || known === zone
}

function load(zone: string): { readonly format: Intl.DateTimeFormat; readonly offsets: Map<number, number> } | null {
  const before = zones.get(zone)
  if (before !== undefined) return before
  let loaded: ReturnType<typeof load> = null
  if (spelled(zone)) {
    try {
      const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' })
      loaded = { format, offsets: new Map() }
    } catch {
      // A RangeError is the way to say that there is no such zone.
    }
  }
  if (zones.size >= mostZones) zones.clear()
  zones.set(zone, loaded)
  return loaded
}

/** Whether there is a time zone of this name. Upstream: time.LoadLocation */
export function isTimeZone(zone: string): boolean {
  return load(zone) !== null
}

/** How far a zone's clocks are ahead of UTC at a moment; an unknown zone is UTC. Units: s (also of `at`, since 1970). */
export function zoneOffset(zone: string, at: number): number {
  if (zone === 'UTC' || zone === '') return 0
  const loaded = load(zone)
  if (loaded === null) return 0
  const slot = Math.floor(at / quarter)
  const known = loaded.offsets.get(slot)
  if (known !== undefined) return known
  const parts: Record<string, number> = {}
  for (const { type, value } of loaded.format.formatToParts(slot * quarter * 1000)) if (type !== 'literal') parts[type] = Number(value)
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
  const offset = daysSince1970(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - slot * quarter
  if (loaded.offsets.size >= mostOffsets) loaded.offsets.clear()
  loaded.offsets.set(slot, offset)
  return offset
}

/** Days from 1 January 1970 to a day of the calendar; months beyond December count into the years after. */
export function daysSince1970(year: number, month: number, day: number): number {
  const y = year + Math.floor((month - 1) / 12) - ((month - 1) % 12 < 2 ? 1 : 0)
  const m = ((month - 1) % 12) + 1
  const era = Math.floor(y / 400)
  const yoe = y - era * 400
  const doy = Math.floor((153 * (m > 2 ? m - 3 : m + 9) + 2) / 5) + day - 1
  return era * 146_097 + yoe * 365 + Math.floor(yoe / 4) - Math.floor(yoe / 100) + doy - 719_468
}
