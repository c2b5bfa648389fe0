/** One condition on a field. Upstream: fields.Requirement. */
export interface FieldRequirement {
  readonly field: string
  readonly operator: '=' | '!='
  readonly value: string
}

/** Parses `status.phase=Running,metadata.name!=x` (values escape `\`, `,`, `=`). Returns the error text on failure. Upstream: fields.ParseSelector. */
export function parseFieldSelector(text: string): FieldRequirement[] | string {
  const out: FieldRequirement[] = []
  for (const term of splitTerms(text).sort()) {
    if (term === '') continue
    const match = /^([^=!]*(?:!(?!=)[^=!]*)*)(!=|==|=)([\s\S]*)$/.exec(term)
    if (match === null) return `invalid selector: '${text}'; can't understand '${term}'`
    const value = unescape(match[3]!)
    if (typeof value !== 'string') return value.error
    out.push({ field: match[1]!, operator: match[2] === '!=' ? '!=' : '=', value })
  }
  return out
}

/** Whether fields (absent counts as empty) satisfy all requirements. Upstream: fields.Selector.Matches. */
export function matchesFields(requirements: readonly FieldRequirement[], fieldOf: (field: string) => string | undefined): boolean {
  for (const r of requirements) if (((fieldOf(r.field) ?? '') === r.value) !== (r.operator === '=')) return false
  return true
}

/** Canonical text. Upstream: fields.Selector.String. */
export function formatFieldSelector(requirements: readonly FieldRequirement[]): string {
  return requirements.map((r) => `${r.field}${r.operator}${r.value.replace(/[\\,=]/g, '\\$&')}`).join(',')
}

/** The value a selector demands for a field, if any. Upstream: fields.Selector.RequiresExactMatch. */
export function requiresExactField(requirements: readonly FieldRequirement[], field: string): string | undefined {
  return requirements.find((r) => r.field === field && r.operator === '=')?.value
}

function splitTerms(text: string): string[] {
  if (text === '') return []
  const terms: string[] = []
  let start = 0
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++
    else if (text[i] === ',') { terms.push(text.slice(start, i)); start = i + 1 }
  }
  terms.push(text.slice(start))
  return terms
}

function unescape(text: string): string | { error: string } {
  if (!/[\\,=]/.test(text)) return text
  let out = ''
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!
    if (c === '\\') {
      const next = text[++i]
      if (next === undefined || !'\\,='.includes(next)) return { error: `invalid field selector: invalid escape sequence: \\${next ?? ''}` }
      out += next
    } else if (c === ',' || c === '=') return { error: `invalid field selector: unescaped character in value: ${c.charCodeAt(0)}` }
    else out += c
  }
  return out
}
