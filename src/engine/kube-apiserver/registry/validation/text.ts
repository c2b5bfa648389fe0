/** Length of a string in UTF-8. Units: bytes. */
export function byteLength(text: string): number {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c >= 0x80) bytes += c >= 0x800 && (c < 0xd800 || c > 0xdfff) ? 2 : 1
  }
  return bytes
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Standard base64 of a string's UTF-8 bytes, as Go writes []byte into JSON. */
export function base64Encode(text: string): string {
  const bytes: number[] = []
  for (const c of text) {
    const p = c.codePointAt(0)!
    if (p < 0x80) bytes.push(p)
    else if (p < 0x800) bytes.push(0xc0 | (p >> 6), 0x80 | (p & 63))
    else if (p < 0x10000) bytes.push(0xe0 | (p >> 12), 0x80 | ((p >> 6) & 63), 0x80 | (p & 63))
    else bytes.push(0xf0 | (p >> 18), 0x80 | ((p >> 12) & 63), 0x80 | ((p >> 6) & 63), 0x80 | (p & 63))
  }
  let out = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const n = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    out += BASE64[n >> 18]! + BASE64[(n >> 12) & 63]! + (i + 1 < bytes.length ? BASE64[(n >> 6) & 63]! : '=') + (i + 2 < bytes.length ? BASE64[n & 63]! : '=')
  }
  return out
}

/** The text behind standard base64; undefined when it is malformed. Bytes that are no UTF-8 become U+FFFD. */
export function base64Decode(text: string): string | undefined {
  const clean = text.replace(/[\r\n]/g, '')
  if (clean.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(clean)) return undefined
  const bytes: number[] = []
  for (let i = 0; i < clean.length; i += 4) {
    const part = clean.slice(i, i + 4)
    const n = [...part].reduce((sum, c) => (sum << 6) | Math.max(0, BASE64.indexOf(c)), 0)
    bytes.push((n >> 16) & 255)
    if (part[2] !== '=') bytes.push((n >> 8) & 255)
    if (part[3] !== '=') bytes.push(n & 255)
  }
  return utf8(bytes)
}

function utf8(bytes: readonly number[]): string {
  let out = ''
  for (let i = 0; i < bytes.length;) {
    const b = bytes[i]!
    const size = b < 0x80 ? 1 : b >= 0xc2 && b < 0xe0 ? 2 : b >= 0xe0 && b < 0xf0 ? 3 : b >= 0xf0 && b < 0xf5 ? 4 : 0
    let point = size === 1 ? b : b & (0xff >> (size + 1))
    let valid = size > 0 && i + size <= bytes.length
    for (let j = 1; valid && j < size; j++) {
      valid = (bytes[i + j]! & 0xc0) === 0x80
      point = (point << 6) | (bytes[i + j]! & 63)
    }
    out += valid ? String.fromCodePoint(point) : '\uFFFD'
    i += valid ? size : 1
  }
  return out
}
