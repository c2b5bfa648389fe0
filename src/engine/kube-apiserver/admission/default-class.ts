import type { KubeObject } from '../../apimachinery'

/** Name of the class that an annotation makes the default; the newest of several, then the first by name. Upstream: pkg/volume/util/storageclass.go GetDefaultClass */
export function defaultClass(classes: Iterable<KubeObject>, annotations: readonly string[]): string | undefined {
  let best: KubeObject | undefined
  for (const c of classes) {
    if (!annotations.some((a) => c.metadata.annotations?.[a] === 'true')) continue
    if (best === undefined || newer(c, best)) best = c
  }
  return best?.metadata.name
}

function newer({ metadata: a }: KubeObject, { metadata: b }: KubeObject): boolean {
  const [x, y] = [a.creationTimestamp ?? '', b.creationTimestamp ?? '']
  return x === y ? a.name < b.name : x > y
}
