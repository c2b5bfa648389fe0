/** An image reference, taken apart. */
export interface ImageName {
  readonly registry: string
  /** Path without registry and tag, e.g. `library/nginx`. */
  readonly repository: string
  /** Last part of the path, e.g. `nginx`. */
  readonly base: string
  readonly tag: string
  readonly digest: string
}

/** Results are kept: few images, many pods. Bounds: `mostKept`, then all is forgotten. */
const mostKept = 1_000
const parsed = new Map<string, ImageName>()
const canonical = new Map<string, string>()
const references = new Map<string, string>()

function kept<T>(cache: Map<string, T>, key: string, make: (key: string) => T): T {
  let value = cache.get(key)
  if (value === undefined) {
    if (cache.size >= mostKept) cache.clear()
    cache.set(key, (value = make(key)))
  }
  return value
}

/** Takes an image reference apart as docker/distribution does (default registry and tag filled in). */
export function parseImage(image: string): ImageName {
  return kept(parsed, image, parse)
}

function parse(image: string): ImageName {
  let rest = image
  let digest = ''
  const at = rest.indexOf('@')
  if (at >= 0) {
    digest = rest.slice(at + 1)
    rest = rest.slice(0, at)
  }
  let tag = ''
  const colon = rest.lastIndexOf(':')
  if (colon > rest.lastIndexOf('/')) {
    tag = rest.slice(colon + 1)
    rest = rest.slice(0, colon)
  }
  const slash = rest.indexOf('/')
  const first = slash < 0 ? '' : rest.slice(0, slash)
  const hasRegistry = first !== '' && (first.includes('.') || first.includes(':') || first === 'localhost')
  const registry = hasRegistry ? first : 'docker.io'
  let repository = hasRegistry ? rest.slice(slash + 1) : rest
  if (!hasRegistry && slash < 0) repository = `library/${rest}`
  return Object.freeze({ registry, repository, base: repository.slice(repository.lastIndexOf('/') + 1), tag: tag || (digest ? '' : 'latest'), digest })
}

/** The reference in full, as containerd names it: `docker.io/library/nginx:1.25`. */
export function canonicalImage(image: string): string {
  return kept(canonical, image, fullName)
}

/** The image by its digest, as a container's status names it (`imageID`). */
export function imageReference(image: string): string {
  return kept(references, image, (i) => `${canonicalImage(i).replace(/[:@][^/:@]*$/, '')}@${imageDigest(canonicalImage(i))}`)
}

function fullName(image: string): string {
  const n = parseImage(image)
  return `${n.registry}/${n.repository}${n.tag ? `:${n.tag}` : ''}${n.digest ? `@${n.digest}` : ''}`
}

/** A stand-in for an image's digest: 64 hex digits drawn from its name. */
export function imageDigest(image: string): string {
  let out = 'sha256:'
  for (let part = 0; part < 8; part++) {
    let h = 2166136261 ^ part
    for (let i = 0; i < image.length; i++) h = Math.imul(h ^ image.charCodeAt(i), 16777619)
    out += (h >>> 0).toString(16).padStart(8, '0')
  }
  return out
}

const MI = 1024 * 1024

/** Compressed sizes of well-known images. Units: MiB. Source: their registries, rounded. */
const sizes: Readonly<Record<string, number>> = {
  nginx: 68, httpd: 57, redis: 46, valkey: 44, busybox: 2, alpine: 3, ubuntu: 29, debian: 48, mysql: 228, mariadb: 118, postgres: 155, mongo: 257, memcached: 31, rabbitmq: 103,
  'http-echo': 5, pause: 1, 'kube-proxy': 38, 'kube-apiserver': 27, 'kube-controller-manager': 22, 'kube-scheduler': 17, etcd: 22, coredns: 20, node: 380, python: 363, golang: 290, wordpress: 230, nextcloud: 330, curl: 9, stress: 4, fluentd: 18, elasticsearch: 640, zookeeper: 130, kafka: 380,
}

/** Size of an image on the wire. Units: bytes. Unknown images get 30 to 130 MiB, drawn from their name. */
export function imageSize(image: string): number {
  const { base, tag } = parseImage(image)
  const known = sizes[base]
  let h = 5381
  for (let i = 0; i < image.length; i++) h = (Math.imul(h, 33) ^ image.charCodeAt(i)) >>> 0
  const slim = tag.includes('alpine') || tag.includes('slim') ? 0.35 : 1
  if (known !== undefined) return Math.round(known * slim * MI) + (h % 9973)
  return Math.round((30 + (h % 100)) * slim * MI) + (h % 9973)
}

/** What Kubernetes itself publishes under names that begin with `kube-`. */
const kubernetesImages = new Set(['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy', 'kube-cross', 'kube-addon-manager', 'kube-registry-proxy'])

/** The official nginx, which courses ask for in versions that never were (1.91, 1.161) to see a rollout fail. Source: Docker Hub, rounded. */
const nginxTag = /^(1(\.([12]?\d|3[01])(\.\d{1,2})?)?|latest|stable|mainline|)(-?(alpine(3\.\d+)?|perl|otel|slim|trixie|bookworm|bullseye|buster))*$/

/** Whether a registry has an image, where that is known: Kubernetes' own up to the version of this cluster, nginx and kubernetes-bootcamp. */
export function isPublished(image: string): boolean {
  const { registry, repository, base, tag } = parseImage(image)
  if (repository === 'library/nginx' && registry === 'docker.io') return nginxTag.test(tag)
  if (base === 'kubernetes-bootcamp') return /^(latest|v[12]|)$/.test(tag) // its tutorial asks for v10
  if (registry !== 'registry.k8s.io' || repository !== base) return true
  if (base === 'etcd') return /^3\.([0-5]\.\d{1,2}|6\.[0-8])(-\d(-[a-z.\d]+)?)?$/.test(tag) || tag === ''
  if (!base.startsWith('kube-')) return true
  const version = /^v1\.(\d+)\.(\d+)(-(alpha|beta|rc)\.\d+)?$/.exec(tag)
  if (!kubernetesImages.has(base)) return false
  return tag === '' || (version !== null && (Number(version[1]) < 36 ? Number(version[2]) < 30 : Number(version[1]) === 36 && Number(version[2]) <= 2))
}

/** Whether a registry gives an image only to those who are known to it: by convention of this model, images with `private` in their name. */
export function needsCredentials(image: string, registries: readonly string[]): boolean {
  if (!image.includes('private')) return false
  const { registry } = parseImage(image)
  return !registries.includes(registry)
}
