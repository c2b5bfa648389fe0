/**
 * The pull policy a container gets when it names none: Always for `latest` (also implied), else IfNotPresent.
 * Upstream: pkg/apis/core/v1/defaults.go SetDefaults_Container, pkg/util/parsers ParseImageName.
 */
export function defaultPullPolicy(image: string): string {
  return imageTag(image) === 'latest' ? 'Always' : 'IfNotPresent'
}

/** Tag of an image reference: `latest` when it has neither tag nor digest, '' with a digest only or when it is malformed. */
export function imageTag(image: string): string {
  if (image === '') return ''
  const at = image.indexOf('@')
  const name = at < 0 ? image : image.slice(0, at)
  const slash = name.lastIndexOf('/')
  const colon = name.indexOf(':', slash + 1)
  const path = colon < 0 ? name : name.slice(0, colon)
  const repository = path.slice(path.indexOf('/') + 1)
  // A reference with capitals or blanks in its path does not parse, which leaves the tag empty.
  for (let i = 0; i < repository.length; i++) {
    const c = repository.charCodeAt(i)
    if ((c >= 65 && c <= 90) || c <= 32) return ''
  }
  if (colon >= 0) return name.slice(colon + 1)
  return at < 0 ? 'latest' : ''
}
