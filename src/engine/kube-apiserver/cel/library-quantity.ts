import type { Environment } from '@marcbachmann/cel-js'
import { addQuantity, compareQuantity, newQuantity, parseQuantity, quantitySign, subQuantity, type Quantity } from '../../apimachinery'
import { add, fail } from './register'

/** A quantity as expressions hold it. */
class CelQuantity {
  constructor(readonly q: Quantity) {}
}

const billion = 1_000_000_000n

/** `quantity("1Gi").isGreaterThan(quantity("1G"))`. Upstream: apiserver/pkg/cel/library/quantity.go */
export function addQuantityLibrary(env: Environment): void {
  env.registerType('kubernetes.Quantity', CelQuantity)
  const T = 'kubernetes.Quantity'
  const whole = ({ q }: CelQuantity): boolean => q.nano % billion === 0n
  add(env, 'isQuantity(string): bool', (s: string) => typeof parseQuantity(s) !== 'string')
  add(env, `quantity(string): ${T}`, (s: string) => {
    const q = parseQuantity(s)
    return typeof q === 'string' ? fail(q) : new CelQuantity(q)
  })
  add(env, `${T}.sign(): int`, (a: CelQuantity) => BigInt(quantitySign(a.q)))
  add(env, `${T}.isInteger(): bool`, whole)
  add(env, `${T}.asInteger(): int`, (a: CelQuantity) => (whole(a) ? a.q.nano / billion : fail('cannot convert value to integer')))
  add(env, `${T}.asApproximateFloat(): double`, (a: CelQuantity) => Number(a.q.nano) / 1e9)
  add(env, `${T}.isGreaterThan(${T}): bool`, (a: CelQuantity, b: CelQuantity) => compareQuantity(a.q, b.q) > 0)
  add(env, `${T}.isLessThan(${T}): bool`, (a: CelQuantity, b: CelQuantity) => compareQuantity(a.q, b.q) < 0)
  add(env, `${T}.compareTo(${T}): int`, (a: CelQuantity, b: CelQuantity) => BigInt(compareQuantity(a.q, b.q)))
  add(env, `${T}.add(${T}): ${T}`, (a: CelQuantity, b: CelQuantity) => new CelQuantity(addQuantity(a.q, b.q)))
  add(env, `${T}.add(int): ${T}`, (a: CelQuantity, b: bigint) => new CelQuantity(addQuantity(a.q, newQuantity(Number(b)))))
  add(env, `${T}.sub(${T}): ${T}`, (a: CelQuantity, b: CelQuantity) => new CelQuantity(subQuantity(a.q, b.q)))
  add(env, `${T}.sub(int): ${T}`, (a: CelQuantity, b: bigint) => new CelQuantity(subQuantity(a.q, newQuantity(Number(b)))))
  env.registerOperator(`${T} == ${T}`, (a: CelQuantity, b: CelQuantity) => compareQuantity(a.q, b.q) === 0)
}
