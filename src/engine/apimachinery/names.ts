const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const subdomain = `${label}(\\.${label})*`
const wildcard = `\\*\\.${subdomain}`
const dns1035 = '[a-z]([-a-z0-9]*[a-z0-9])?'
const qualified = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const labelValue = `(${qualified})?`
const configKey = '[-._a-zA-Z0-9]+'
const envVar = '[-._a-zA-Z][-._a-zA-Z0-9]*'

const LABEL = new RegExp(`^${label}$`)
const SUBDOMAIN = new RegExp(`^${subdomain}$`)
const WILDCARD = new RegExp(`^${wildcard}$`)
const DNS1035 = new RegExp(`^${dns1035}$`)
const QUALIFIED = new RegExp(`^${qualified}$`)
const LABEL_VALUE = new RegExp(`^${labelValue}$`)
const CONFIG_KEY = new RegExp(`^${configKey}$`)
const ENV_VAR = new RegExp(`^${envVar}$`)

const SUBDOMAIN_ERROR = regexError("a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character", subdomain, 'example.com')

/** `… (e.g. 'a',  or 'b', regex used for validation is 'r')`. Upstream: util/validation RegexError. */
export function regexError(message: string, regex: string, ...examples: string[]): string {
  if (examples.length === 0) return `${message} (regex used for validation is '${regex}')`
  return `${message} (e.g. ${examples.map((e) => `'${e}', `).join(' or ')}regex used for validation is '${regex}')`
}

/** Upstream: util/validation MaxLenError. */
export function maxLengthError(length: number): string {
  return `must be no more than ${length} characters`
}

/** Upstream: util/validation InclusiveRangeError. */
export function inclusiveRangeError(lo: number, hi: number): string {
  return `must be between ${lo} and ${hi}, inclusive`
}

/** Errors of a DNS label (pods' containers, namespaces); empty when valid. Upstream: IsDNS1123Label. */
export function dns1123LabelErrors(value: string): string[] {
  const errors: string[] = []
  if (value.length > 63) errors.push(maxLengthError(63))
  if (!LABEL.test(value)) {
    errors.push(SUBDOMAIN.test(value) ? 'must not contain dots' : regexError("a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character", label, 'my-name', '123-abc'))
  }
  return errors
}

/** Errors of a DNS subdomain (most object names). Upstream: IsDNS1123Subdomain. */
export function dns1123SubdomainErrors(value: string): string[] {
  const errors: string[] = []
  if (value.length > 253) errors.push(maxLengthError(253))
  if (!SUBDOMAIN.test(value)) errors.push(SUBDOMAIN_ERROR)
  return errors
}

/** Errors of an old DNS label that starts with a letter. Upstream: IsDNS1035Label. */
export function dns1035LabelErrors(value: string): string[] {
  const errors: string[] = []
  if (value.length > 63) errors.push(maxLengthError(63))
  if (!DNS1035.test(value)) errors.push(regexError("a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character", dns1035, 'my-name', 'abc-123'))
  return errors
}

/** Errors of a host such as `*.example.com`. Upstream: IsWildcardDNS1123Subdomain. */
export function wildcardSubdomainErrors(value: string): string[] {
  const errors: string[] = []
  if (value.length > 253) errors.push(maxLengthError(253))
  if (!WILDCARD.test(value)) errors.push(regexError("a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character", wildcard, '*.example.com'))
  return errors
}

const NAME_PART_ERROR = regexError("name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character", qualified, 'MyName', 'my.name', '123-abc')

/** Errors of a label key, annotation key, taint key, finalizer: `[prefix/]name`. Upstream: IsQualifiedName, content.IsLabelKey. */
export function qualifiedNameErrors(value: string): string[] {
  const parts = value.split('/')
  const errors: string[] = []
  let name = value
  if (parts.length === 2) {
    const prefix = parts[0]!
    name = parts[1]!
    if (prefix === '') errors.push('prefix part must be non-empty')
    else errors.push(...dns1123SubdomainErrors(prefix).map((e) => `prefix part ${e}`))
  } else if (parts.length > 2) {
    return [`${regexError("a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character", qualified, 'MyName', 'my.name', '123-abc')} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`]
  }
  if (name === '') errors.push('name part must be non-empty')
  else if (byteLength(name) > 63) errors.push('name part must be no more than 63 bytes')
  if (!QUALIFIED.test(name)) errors.push(NAME_PART_ERROR)
  return errors
}

/** Errors of a label value. Upstream: IsValidLabelValue, content.IsLabelValue. */
export function labelValueErrors(value: string): string[] {
  const errors: string[] = []
  if (byteLength(value) > 63) errors.push('must be no more than 63 bytes')
  if (!LABEL_VALUE.test(value)) errors.push(regexError("a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character", labelValue, 'MyValue', 'my_value', '12345'))
  return errors
}

/** Errors of a key in a ConfigMap or Secret. Upstream: IsConfigMapKey. */
export function configMapKeyErrors(value: string): string[] {
  const errors: string[] = []
  if (value.length > 253) errors.push(maxLengthError(253))
  if (!CONFIG_KEY.test(value)) errors.push(regexError("a valid config key must consist of alphanumeric characters, '-', '_' or '.'", configKey, 'key.name', 'KEY_NAME', 'key-name'))
  return [...errors, ...changeDirErrors(value)]
}

/** Errors of an environment variable name, strict form. Upstream: IsEnvVarName. */
export function envVarNameErrors(value: string): string[] {
  const errors = ENV_VAR.test(value) ? [] : [regexError("a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit", envVar, 'my.env-name', 'MY_ENV.NAME', 'MyEnvName1')]
  return [...errors, ...changeDirErrors(value)]
}

/** Errors of an environment variable name, as servers since 1.34 check it. Upstream: IsRelaxedEnvVarName. */
export function relaxedEnvVarNameErrors(value: string): string[] {
  if (value === '') return ['environment variable name must be non-empty']
  return /^[ -<>-~]*$/.test(value) ? [] : ["a valid environment variable name must consist only of printable ASCII characters other than '='"]
}

/** Errors of a port name. Upstream: IsValidPortName. */
export function portNameErrors(value: string): string[] {
  const errors: string[] = []
  if (value.length > 15) errors.push(maxLengthError(15))
  if (!/^[-a-z0-9]+$/.test(value)) errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  if (!/[a-z]/.test(value)) errors.push('must contain at least one letter (a-z)')
  if (value.includes('--')) errors.push('must not contain consecutive hyphens')
  if (value !== '' && (value.startsWith('-') || value.endsWith('-'))) errors.push('must not begin or end with a hyphen')
  return errors
}

/** Errors of a port number. Upstream: IsValidPortNum. */
export function portNumberErrors(port: number): string[] {
  return port >= 1 && port <= 65535 ? [] : [inclusiveRangeError(1, 65535)]
}

function changeDirErrors(value: string): string[] {
  if (value === '.') return ["must not be '.'"]
  if (value === '..') return ["must not be '..'"]
  return value.startsWith('..') ? ["must not start with '..'"] : []
}

function byteLength(text: string): number {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c >= 0x80) bytes += c >= 0x800 && (c < 0xd800 || c > 0xdfff) ? 2 : 1
  }
  return bytes
}

/** Letters of generated suffixes: no vowels, no look-alikes. Upstream: util/rand alphanums. */
export const NAME_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789'
/** Random letters behind a generateName. */
export const GENERATED_SUFFIX_LENGTH = 5
const MAX_NAME_LENGTH = 63

/** `base` cut so that the suffix fits, then `suffix` (5 letters drawn by the caller). Upstream: apiserver/pkg/storage/names GenerateName. */
export function generateName(base: string, suffix: string): string {
  return base.slice(0, MAX_NAME_LENGTH - GENERATED_SUFFIX_LENGTH) + suffix
}

/** A generated suffix from a source of integers below n. Upstream: util/rand String. */
export function randomSuffix(intBelow: (n: number) => number, length = GENERATED_SUFFIX_LENGTH): string {
  let out = ''
  for (let i = 0; i < length; i++) out += NAME_ALPHABET[intBelow(NAME_ALPHABET.length)]
  return out
}
