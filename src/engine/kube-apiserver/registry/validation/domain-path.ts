import { dns1123SubdomainErrors, invalid, regexError, required, type FieldError } from '../../../apimachinery'

const PATH = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+"

/** A name such as `acme.io/foo`. Upstream: util/validation IsDomainPrefixedPath. */
export function validateDomainPath(text: string, path: string): FieldError[] {
  if (text === '') return [required(path)]
  const cut = text.indexOf('/')
  if (cut <= 0 || cut === text.length - 1) return [invalid(path, text, 'must be a domain-prefixed path (such as "acme.io/foo")')]
  const [host, rest] = [text.slice(0, cut), text.slice(cut + 1)]
  const errors = dns1123SubdomainErrors(host).map((m) => invalid(path, host, m))
  if (!new RegExp(`^${PATH}$`).test(rest)) errors.push(invalid(path, rest, regexError('Invalid path', PATH)))
  return errors
}
