const digits = Array.from('0123456789abcdef', (c) => c.charCodeAt(0))

/** 32-bit words as hexadecimal text, eight digits each. One flat string: ids are kept long and compared often. */
export function hexText(words: readonly number[]): string {
  const codes = new Array<number>(8 * words.length)
  for (let i = 0; i < codes.length; i++) codes[i] = digits[((words[i >> 3] as number) >>> (28 - 4 * (i & 7))) & 15] as number
  return String.fromCharCode(...codes)
}

const dash = 45

/** Four 32-bit words as a UUID: 8-4-4-4-12 hexadecimal digits. */
export function uuidText(a: number, b: number, c: number, d: number): string {
  const codes = new Array<number>(36)
  let to = 0
  for (let i = 0; i < 32; i++) {
    if (i === 8 || i === 12 || i === 16 || i === 20) codes[to++] = dash
    const word = i < 8 ? a : i < 16 ? b : i < 24 ? c : d
    codes[to++] = digits[(word >>> (28 - 4 * (i & 7))) & 15] as number
  }
  return String.fromCharCode(...codes)
}
