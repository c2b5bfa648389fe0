/** Pi to so many significant digits, rounded as Perl's bpi does it. By Machin's formula, in whole numbers. */
export function bpi(digits: number): string {
  const guard = 10
  const one = 10n ** BigInt(digits + guard)
  const arctan = (inverse: bigint): bigint => {
    const square = inverse * inverse
    let term = one / inverse
    let sum = term
    for (let k = 3n; term !== 0n; k += 2n) {
      term = -term / square
      sum += term / k
    }
    return sum
  }
  const scaled = 4n * (4n * arctan(5n) - arctan(239n))
  const cut = 10n ** BigInt(guard + 1)
  const text = String((scaled + cut / 2n) / cut)
  return `${text[0] ?? '3'}.${text.slice(1)}`
}
