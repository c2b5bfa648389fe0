const digits = '0123456789abcdef'

/** 32-bit words as hexadecimal text, eight digits each. One flat string: ids are kept long and compared often. */
export function hexText(words: readonly number[]): string {
  const codes = new Array<number>(8 * words.length)
  for (let i = 0; i < codes.length; i++) codes[i] = digits.charCodeAt(((words[i >> 3] as number) >>> (28 - 4 * (i & 7))) & 15)
  return String.fromCharCode(...codes)
}
