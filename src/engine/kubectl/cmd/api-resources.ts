import { fail } from '../errors'
import { flagSpecs } from '../flags'
import { apiVersionOf, builtin, groupResource, type Mapping } from '../rest-mapper'
import { tableText } from '../tabwriter'
import type { Command } from '../verb'

/** What may be asked of a resource: questions are only posed, and what the server makes up is only read. */
function verbsOf({ resource, group }: Mapping): readonly string[] {
  if (resource === 'bindings' || (resource.endsWith('reviews') && group.startsWith('auth'))) return ['create']
  return resource === 'componentstatuses' ? ['get', 'list'] : ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']
}

/** `kubectl api-resources`. Upstream: kubectl/pkg/cmd/apiresources */
export const apiResources: Command = {
  name: 'api-resources',
  flags: flagSpecs('api-group:string cached categories:list namespaced=true no-headers output/o:string show-managed-fields sort-by:string verbs:list'),
  run(cmd) {
    const { flags, mapper, io, args } = cmd
    if (args.length > 0) throw cmd.usage(`unexpected arguments: [${args.join(' ')}]`)
    const output = flags.string('output')
    if (!['', 'wide', 'name', 'json', 'yaml'].includes(output)) throw fail(`--output ${output} is not available`)
    const sortBy = flags.string('sort-by')
    if (!['', 'name', 'kind'].includes(sortBy)) throw fail('--sort-by accepts only name or kind')
    // Of a resource in several versions only the preferred one. Upstream: discovery, ServerPreferredResources
    const all = mapper.all()
    let list = all.filter((m) => all.find((x) => x.group === m.group && x.resource === m.resource) === m)
    if (flags.has('api-group')) list = list.filter((m) => m.group === flags.string('api-group'))
    if (flags.has('namespaced')) list = list.filter((m) => m.namespaced === flags.bool('namespaced'))
    if (flags.has('verbs')) list = list.filter((m) => flags.list('verbs').every((v) => verbsOf(m).includes(v)))
    if (flags.has('categories')) list = list.filter((m) => flags.list('categories').every((c) => m.categories.includes(c)))
    const key = (m: (typeof list)[number]): string => (sortBy === 'kind' ? m.kind : sortBy === 'name' ? m.resource : m.group)
    list = list.toSorted((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : a.resource < b.resource ? -1 : 1))
    if (output === 'name') return io.out(list.map((m) => `${groupResource(m)}\n`).join(''))
    const wide = output === 'wide'
    const rows = list.map((m) => [m.resource, m.shortNames.join(','), apiVersionOf(m), String(m.namespaced), m.kind, ...(wide ? [verbsOf(m).join(','), m.categories.join(',')] : [])])
    io.out(tableText([...(flags.bool('no-headers') ? [] : [['NAME', 'SHORTNAMES', 'APIVERSION', 'NAMESPACED', 'KIND', ...(wide ? ['VERBS', 'CATEGORIES'] : [])]]), ...rows]))
  },
}

/** `kubectl api-versions`. */
export const apiVersions: Command = {
  name: 'api-versions',
  flags: [],
  run({ mapper, io, args, usage }) {
    if (args.length > 0) throw usage(`unexpected arguments: [${args.join(' ')}]`)
    io.out([...new Set([...builtin, ...mapper.all()].map(apiVersionOf))].sort().map((v) => `${v}\n`).join(''))
  },
}
