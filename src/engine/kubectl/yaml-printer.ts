type Json = unknown

/**
 * JSON as sigs.k8s.io/yaml prints it: keys in go-yaml's natural order, lists not indented, strings quoted only where they must be.
 * Upstream: go-yaml v2 encode.go, emitterc.go
 */
export function printYaml(value: Json): string {
  const out: string[] = []
  if (isMap(value) && Object.keys(value).length > 0) writeMap(out, value, 0, '')
  else if (Array.isArray(value) && value.length > 0) writeList(out, value, 0)
  else out.push(`${flow(value, 0)}\n`)
  return out.join('')
}

const isMap = (v: Json): v is Record<string, Json> => typeof v === 'object' && v !== null && !Array.isArray(v)

function writeMap(out: string[], map: Record<string, Json>, indent: number, first: string): void {
  const pad = ' '.repeat(indent)
  let lead = first === '' ? pad : first
  for (const key of sortedKeys(map)) {
    const name = scalar(key, 0, true)
    const head = name.length > 128 ? `${lead}? ${name}\n${pad}:` : `${lead}${name}:`
    lead = pad
    const value = map[key]
    if (isMap(value) && Object.keys(value).length > 0) {
      out.push(`${head}\n`)
      writeMap(out, value, indent + 2, '')
    } else if (Array.isArray(value) && value.length > 0) {
      out.push(`${head}\n`)
      writeList(out, value, indent)
    } else out.push(`${head} ${flow(value, indent + 2)}\n`)
  }
}

function writeList(out: string[], list: readonly Json[], indent: number): void {
  const lead = `${' '.repeat(indent)}- `
  for (const value of list) {
    if (isMap(value) && Object.keys(value).length > 0) writeMap(out, value, indent + 2, lead)
    else if (Array.isArray(value) && value.length > 0) {
      const inner: string[] = []
      writeList(inner, value, indent + 2)
      out.push(lead + inner.join('').slice(indent + 2))
    } else out.push(`${lead}${flow(value, indent + 2)}\n`)
  }
}

function flow(value: Json, indent: number): string {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return '[]'
  if (typeof value === 'object') return '{}'
  if (typeof value === 'string') return scalar(value, indent, false)
  return typeof value === 'number' && Math.abs(value) >= 1e21 ? value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2') : String(value)
}

/** Upstream: encode.go stringv, emitterc.go yaml_emitter_analyze_scalar and select_scalar_style */
function scalar(s: string, indent: number, key: boolean): string {
  if (s === '') return '""'
  // eslint-disable-next-line no-control-regex
  const special = /[\x00-\x09\x0b-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]/.test(s)
  const breaks = /[\n\x85\u2028\u2029]/.test(s)
  if (s.includes('\n') && !key && !special && !/ $| \n/.test(s)) return literal(s, indent)
  if (special || s.includes('\n') || / [\n\x85\u2028\u2029]/.test(s) || looksTyped(s)) return doubleQuoted(s)
  if (breaks || /^[#,[\]{}&*!|>'"%@`]|^[?:-](\s|$)|^ | $|:(\s|$)|\s#|^(---|\.\.\.)/.test(s)) return `'${s.replaceAll("'", "''")}'`
  return s
}

function literal(s: string, indent: number): string {
  const pad = ' '.repeat(indent)
  const hint = s.startsWith(' ') || s.startsWith('\n') ? '2' : ''
  const chomp = !s.endsWith('\n') ? '-' : s === '\n' || s.endsWith('\n\n') ? '+' : ''
  const body = (s.endsWith('\n') ? s.slice(0, -1) : s).split('\n').map((l) => (l === '' ? '' : pad + l))
  return `|${hint}${chomp}\n${body.join('\n')}`
}

const ESCAPES: Record<string, string> = { '"': '\\"', '\\': '\\\\', '\0': '\\0', '\x07': '\\a', '\b': '\\b', '\t': '\\t', '\n': '\\n', '\v': '\\v', '\f': '\\f', '\r': '\\r', '\x1b': '\\e', '\x85': '\\N', '\u2028': '\\L', '\u2029': '\\P', '\ufeff': '\\uFEFF' }

function doubleQuoted(s: string): string {
  let out = ''
  for (const c of s) {
    const code = c.charCodeAt(0)
    out += ESCAPES[c] ?? (code < 0x20 || (code >= 0x7f && code < 0xa0) ? `\\x${code.toString(16).toUpperCase().padStart(2, '0')}` : c)
  }
  return `"${out}"`
}

const WORDS = new Set('y Y yes Yes YES true True TRUE on On ON n N no No NO false False FALSE off Off OFF ~ null Null NULL .nan .NaN .NAN .inf .Inf .INF +.inf +.Inf +.INF -.inf -.Inf -.INF <<'.split(' '))

/** Whether go-yaml would read the plain text as something other than a string. Upstream: go-yaml v2 resolve.go */
function looksTyped(s: string): boolean {
  if (WORDS.has(s)) return true
  const c = s[0] as string
  if (c === '.') return /^\.\d+([eE][-+]?\d+)?$/.test(s)
  if (c !== '+' && c !== '-' && (c < '0' || c > '9')) return false
  const plain = s.replaceAll('_', '')
  return (
    /^[-+]?(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|[1-9]\d*|0)$/.test(plain) ||
    /^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/.test(plain) ||
    /^[-+]?\d[\d_]*(:[0-5]?\d)+(\.[\d_]*)?$/.test(s) ||
    /^\d{4}-\d{1,2}-\d{1,2}([Tt ]\d{1,2}:\d{1,2}:\d{1,2}(\.\d+)?([Zz]| ?[-+]\d{1,2}:\d{2})?)?$/.test(s)
  )
}

const isDigit = (c: string | undefined): boolean => c !== undefined && c >= '0' && c <= '9'
const isLetter = (c: string): boolean => c.toLowerCase() !== c.toUpperCase()

function sortedKeys(map: Record<string, Json>): string[] {
  return Object.keys(map).filter((k) => map[k] !== undefined).sort(compareKeys)
}

/** Letters after everything else, numbers by value. Upstream: go-yaml v2 sorter.go keyList.Less */
function compareKeys(a: string, b: string): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const x = a[i] as string
    const y = b[i] as string
    if (x === y) continue
    const xl = isLetter(x)
    const yl = isLetter(y)
    if (xl && yl) return x < y ? -1 : 1
    if (xl || yl) return yl ? -1 : 1
    let an = 0
    let bn = 0
    if (x === '0' || y === '0') {
      for (let j = i - 1; j >= 0 && isDigit(a[j]); j--) {
        if (a[j] !== '0') {
          an = bn = 1
          break
        }
      }
    }
    let ai = i
    let bi = i
    for (; isDigit(a[ai]); ai++) an = an * 10 + Number(a[ai])
    for (; isDigit(b[bi]); bi++) bn = bn * 10 + Number(b[bi])
    if (an !== bn) return an - bn
    if (ai !== bi) return ai - bi
    return x < y ? -1 : 1
  }
  return a.length - b.length
}
