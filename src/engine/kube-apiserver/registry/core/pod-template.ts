import type { PodTemplate } from '../../../api'
import { column, define, nameColumn } from '../define'
import { defaultPodSpec } from '../defaults/pod-spec'
import { formatLabels, join } from '../print'
import { validatePodTemplate } from '../validation/pod-template'

/** PodTemplate. Upstream: pkg/registry/core/podtemplate. */
export const podTemplate = define<PodTemplate>({
  resource: 'podtemplates',
  hasGeneration: true,
  defaults(o) {
    if (o.template?.spec != null) defaultPodSpec(o.template.spec)
  },
  validate: (o) => (o.template == null ? [] : validatePodTemplate(o.template, 'template')),
  validateUpdate: (o) => (o.template == null ? [] : validatePodTemplate(o.template, 'template')),
  columns: [
    nameColumn,
    column('Containers', (o) => join(o.template?.spec?.containers, (c) => c.name)),
    column('Images', (o) => join(o.template?.spec?.containers, (c) => c.image ?? '')),
    column('Pod Labels', (o) => formatLabels(o.template?.metadata?.labels)),
  ],
})
