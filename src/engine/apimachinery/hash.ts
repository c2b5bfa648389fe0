import { parseInternals } from './quantity'
import type { StructSchema, TypeSchema } from './schema'
import { NAME_ALPHABET } from './names'

const FNV_OFFSET = 2166136261
const FNV_PRIME = 16777619

/** FNV-1a, 32 bit, over the UTF-8 bytes of a text. Upstream: Go hash/fnv New32a. */
export function fnv32a(text: string, hash: number = FNV_OFFSET): number {
  let h = hash
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c < 0x80) h = Math.imul(h ^ c, FNV_PRIME)
    else {
      const point = text.codePointAt(i)!
      if (point > 0xffff) i++
      eachUtf8Byte(point, (byte) => { h = Math.imul(h ^ byte, FNV_PRIME) })
    }
  }
  return h >>> 0
}

/** FNV-1, 32 bit, over the UTF-8 bytes of a text. Upstream: Go hash/fnv New32. */
export function fnv32(text: string, hash: number = FNV_OFFSET): number {
  let h = hash
  for (let i = 0; i < text.length; i++) {
    const point = text.codePointAt(i)!
    if (point > 0xffff) i++
    eachUtf8Byte(point, (byte) => { h = Math.imul(h, FNV_PRIME) ^ byte })
  }
  return h >>> 0
}

function eachUtf8Byte(point: number, visit: (byte: number) => void): void {
  if (point < 0x80) visit(point)
  else if (point < 0x800) { visit(0xc0 | (point >> 6)); visit(0x80 | (point & 63)) }
  else if (point < 0x10000) { visit(0xe0 | (point >> 12)); visit(0x80 | ((point >> 6) & 63)); visit(0x80 | (point & 63)) }
  else { visit(0xf0 | (point >> 18)); visit(0x80 | ((point >> 12) & 63)); visit(0x80 | ((point >> 6) & 63)); visit(0x80 | (point & 63)) }
}

/** Replaces each character so that no bad words arise. Upstream: util/rand SafeEncodeString. */
export function safeEncodeString(text: string): string {
  let out = ''
  for (let i = 0; i < text.length; i++) out += NAME_ALPHABET[text.charCodeAt(i) % NAME_ALPHABET.length]
  return out
}

/** Hash of an object dumped by Go's spew, then optionally of a collision count, encoded. Upstream: controller.ComputeHash. */
export function computeHash(schema: StructSchema, value: unknown, collisionCount?: number): string {
  let h = fnv32a(dumpForHash(schema, value))
  if (collisionCount !== undefined && collisionCount !== null) {
    for (let i = 0; i < 8; i++) h = Math.imul(h ^ (i < 4 ? (collisionCount >>> (8 * i)) & 255 : 0), FNV_PRIME)
  }
  return safeEncodeString(String(h >>> 0))
}

/** Hash of a ControllerRevision: its data as stored, then the collision count as decimal text. Upstream: history.HashControllerRevision. */
export function controllerRevisionHash(rawData: string, collisionCount?: number): string {
  let h = fnv32(rawData)
  if (collisionCount !== undefined && collisionCount !== null) h = fnv32(String(collisionCount), h)
  return safeEncodeString(String(h))
}

/** The text Go's spew prints with `%#v` for a value of a schema type. Upstream: k8s.io/utils/dump ForHash. */
export function dumpForHash(schema: StructSchema, value: unknown): string {
  const out: string[] = [`(${schema.goName})`]
  dumpStruct(out, schema, value as Record<string, unknown>)
  return out.join('')
}

function dumpStruct(out: string[], schema: StructSchema, value: Record<string, unknown>): void {
  out.push('{')
  for (let i = 0; i < schema.fields.length; i++) {
    const field = schema.fields[i]!
    out.push(i > 0 ? ' ' : '', field.goName, ':(', field.type.goName, ')')
    // Fields of an embedded struct lie in the outer JSON object.
    dumpValue(out, field.type, field.name === '' ? value : value[field.name])
  }
  out.push('}')
}

function dumpValue(out: string[], type: TypeSchema, value: unknown): void {
  const absent = value === undefined || value === null
  switch (type.kind) {
    case 'pointer':
      if (absent) out.push('<nil>')
      else dumpValue(out, type.elem!, value)
      return
    case 'struct': dumpStruct(out, type.struct!(), absent ? {} : (value as Record<string, unknown>)); return
    case 'list': {
      // Storage (protobuf) does not tell an empty list from none.
      if (absent || (value as unknown[]).length === 0) { out.push('<nil>'); return }
      out.push('[')
      ;(value as unknown[]).forEach((item, i) => { if (i > 0) out.push(' '); dumpValue(out, type.elem!, item) })
      out.push(']')
      return
    }
    case 'map': {
      const keys = absent ? [] : Object.keys(value as object).sort()
      if (keys.length === 0) { out.push('<nil>'); return }
      out.push('map[')
      keys.forEach((key, i) => { out.push(i > 0 ? ' ' : '', key, ':'); dumpValue(out, type.elem!, (value as Record<string, unknown>)[key]) })
      out.push(']')
      return
    }
    case 'bool': out.push(value === true ? 'true' : 'false'); return
    case 'int': case 'uint': case 'float': case 'duration': out.push(String(absent ? 0 : value)); return
    case 'quantity': dumpQuantity(out, value as string | undefined); return
    case 'intOrString':
      out.push(typeof value === 'string' ? `{Type:(intstr.Type)1 IntVal:(int32)0 StrVal:(string)${value}}`
        : `{Type:(intstr.Type)0 IntVal:(int32)${absent ? 0 : String(value)} StrVal:(string)}`)
      return
    case 'time': case 'microTime': out.push('{Time:(time.Time){wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}}'); return
    default: out.push(absent ? '' : String(value))
  }
}

function dumpQuantity(out: string[], text: string | number | undefined): void {
  const parsed = text === undefined || text === null ? undefined : parseInternals(String(text))
  const q = parsed === undefined || typeof parsed === 'string' ? undefined : parsed
  const amount = q?.amount ?? { value: 0n, scale: 0 }
  out.push(`{i:(resource.int64Amount){value:(int64)${amount.value} scale:(resource.Scale)${amount.scale}} d:(resource.infDecAmount){Dec:(*inf.Dec)`)
  if (q?.dec === undefined) out.push('<nil>')
  else {
    const { unscaled, scale } = q.dec
    const words: bigint[] = []
    for (let rest = unscaled < 0n ? -unscaled : unscaled; rest > 0n; rest >>= 64n) words.push(BigInt.asUintN(64, rest))
    out.push(`{unscaled:(big.Int){neg:(bool)${unscaled < 0n} abs:(big.nat)${words.length === 0 ? '<nil>' : `[${words.join(' ')}]`}} scale:(inf.Scale)${scale}}`)
  }
  out.push(`} s:(string)${q?.cached ?? ''} Format:(resource.Format)${q?.quantity.format ?? ''}}`)
}
