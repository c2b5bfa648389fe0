const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** UTF-8 bytes of a text. */
function utf8(text: string): number[] {
  const out: number[] = []
  for (const c of text) {
    const n = c.codePointAt(0) as number
    if (n < 0x80) out.push(n)
    else if (n < 0x800) out.push(0xc0 | (n >> 6), 0x80 | (n & 63))
    else if (n < 0x10000) out.push(0xe0 | (n >> 12), 0x80 | ((n >> 6) & 63), 0x80 | (n & 63))
    else out.push(0xf0 | (n >> 18), 0x80 | ((n >> 12) & 63), 0x80 | ((n >> 6) & 63), 0x80 | (n & 63))
  }
  return out
}

/** Base64 of a text's UTF-8. */
export function encodeBase64(text: string): string {
  const bytes = utf8(text)
  let out = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const n = ((bytes[i] as number) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    out += (DIGITS[n >> 18] as string) + DIGITS[(n >> 12) & 63] + (i + 1 < bytes.length ? DIGITS[(n >> 6) & 63] : '=') + (i + 2 < bytes.length ? DIGITS[n & 63] : '=')
  }
  return out
}

/** The text that base64 stands for, read as UTF-8; undefined when it is not base64. */
export function decodeBase64(text: string): string | undefined {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined
  const bytes: number[] = []
  let bits = 0
  let held = 0
  for (const c of text.replace(/=+$/, '')) {
    held = (held << 6) | DIGITS.indexOf(c)
    bits += 6
    if (bits >= 8) {
      bits -= 8
      bytes.push((held >> bits) & 255)
    }
    held &= 0xffff
  }
  let out = ''
  for (let i = 0; i < bytes.length;) {
    const b = bytes[i] as number
    const n = b < 0x80 ? 0 : b >= 0xf0 ? 3 : b >= 0xe0 ? 2 : b >= 0xc0 ? 1 : -1
    let code = n === 0 ? b : b & (0x3f >> n)
    for (let k = 1; k <= n; k++) code = (code << 6) | ((bytes[i + k] ?? 0) & 63)
    out += n < 0 || i + n >= bytes.length ? '\ufffd' : String.fromCodePoint(Math.min(code, 0x10ffff))
    i += Math.max(1, n + 1)
  }
  return out
}
