import type { Container, PodTemplateSpec } from '../../api'
import { formatLabelSelector, type KubeObject, type LabelSelector } from '../../apimachinery'
import { wide } from './define'
import type { Column } from './strategy'

/** `a=1,b=2` sorted by key, `<none>` when there is none. Upstream: labels.FormatLabels. */
export function formatLabels(labels: Readonly<Record<string, string>> | undefined | null): string {
  if (labels == null) return '<none>'
  const text = Object.keys(labels).sort().map((k) => `${k}=${labels[k]!}`).join(',')
  return text === '' ? '<none>' : text
}

/** Text of an optional value as Go prints it, `<unset>` when there is none. */
export function textOr(value: string | number | boolean | undefined | null, otherwise: string): string {
  return value === undefined || value === null || value === '' ? otherwise : String(value)
}

/** The three columns `-o wide` adds to what has a pod template. Upstream: printers layoutContainerCells. */
export function templateColumns<T extends KubeObject>(
  template: (o: T) => PodTemplateSpec | undefined, selector: (o: T) => LabelSelector | undefined,
): Column<T>[] {
  return [...containerColumns(template), wide('Selector', (o) => formatLabelSelector(selector(o)))]
}

/** Names and images of a template's containers. */
export function containerColumns<T extends KubeObject>(template: (o: T) => PodTemplateSpec | undefined): Column<T>[] {
  return [
    wide('Containers', (o) => join(template(o)?.spec?.containers, (c) => c.name)),
    wide('Images', (o) => join(template(o)?.spec?.containers, (c) => c.image ?? '')),
  ]
}

/** One text per container, joined by commas. */
export function join(containers: readonly Container[] | undefined, text: (c: Container) => string): string {
  return containers === undefined ? '' : containers.map(text).join(',')
}
