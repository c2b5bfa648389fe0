import { lastApplied, withField, type Thing } from '../api'
import { find } from '../builder'
import { Fail, fail, problemOf } from '../errors'
import { flagSpecs } from '../flags'
import { withoutManagedFields } from '../print-flags'
import { pathOf } from '../rest-mapper'
import { unifiedDiff } from '../text-diff'
import type { Command, Invocation } from '../verb'
import { printYaml } from '../yaml-printer'
import { fileFlags, patchFor, requireFiles, selects, strategic } from './apply'

/** `kubectl diff`: exits 1 when there is a difference, more on errors. Upstream: kubectl/pkg/cmd/diff/diff.go */
export const diff: Command = {
  name: 'diff',
  flags: [...fileFlags, ...flagSpecs('concurrency:int=1 field-manager:string force-conflicts prune prune-allowlist:array selector/l:string server-side show-managed-fields show-secrets')],
  run(cmd) {
    if (cmd.args.length > 0) throw cmd.usage(`Unexpected args: [${cmd.args.join(' ')}]`)
    try {
      return compare(cmd)
    } catch (thrown) {
      if (thrown instanceof Fail) throw new Fail(thrown.problems, 2)
      throw thrown
    }
  },
}

function compare(cmd: Invocation): number {
  const { flags, io, api, mapper } = cmd
  const files = requireFiles(flags)
  const { infos, problems } = find({ files, recursive: flags.bool('recursive'), stdin: io.stdin, namespace: cmd.namespace, enforceNamespace: cmd.explicitNamespace }, api, mapper)
  if (problems.length > 0) throw new Fail(problems)
  if (infos.length === 0) throw fail('no objects passed to diff')
  const number = [io.draw(1_000_000_000), io.draw(1_000_000_000)]
  let differs = 0
  for (const info of infos) {
    const { mapping, namespace, name } = info
    if (flags.string('selector') !== '' && !selects(flags.string('selector'), info.object)) continue
    // As upstream, the annotation of what was applied last is left as it is, and annotations are there even when there are none.
    const modified = withField(info.object as Thing, ['metadata', 'annotations'], Object.fromEntries(Object.entries(info.object?.metadata.annotations ?? {}).filter(([k]) => k !== lastApplied)))
    const path = pathOf(mapping, namespace, name)
    const got = api.try({ verb: 'get', path })
    if (got.code !== 200 && got.code !== 404) throw new Fail([problemOf(got)])
    const live = got.code === 200 ? (got.body as Thing) : undefined
    const query = { dryRun: 'All', fieldManager: flags.string('field-manager') || 'kubectl-client-side-apply' }
    const applied = { verb: 'patch' as const, path, query: { dryRun: 'All', fieldManager: flags.string('field-manager') || 'kubectl', force: String(flags.bool('force-conflicts')) }, body: info.object as Thing, patchType: 'application/apply-patch+yaml' as const }
    const merged = flags.bool('server-side') ? api.must(applied) : live === undefined ? api.must({ verb: 'create', path: pathOf(mapping, namespace), query, body: modified })
      : api.must({ verb: 'patch', path, query, body: patchFor(mapping, live.metadata.annotations?.[lastApplied], modified, live, info), patchType: strategic(mapping) ? 'application/strategic-merge-patch+json' : 'application/merge-patch+json' })
    const masks = !flags.bool('show-secrets') && mapping.kind === 'Secret' && mapping.version === 'v1'
    const text = (o: Thing | undefined, other: Thing | undefined, word: string): string => {
      if (o === undefined) return ''
      const shown = masks ? masked(o, other, word) : o
      return printYaml(flags.bool('show-managed-fields') ? shown : withoutManagedFields(shown))
    }
    const file = `${mapping.group === '' ? '' : `${mapping.group}.`}${mapping.version}.${mapping.kind}.${namespace}.${name}`
    const [a, b] = [`/tmp/LIVE-${number[0]}/${file}`, `/tmp/MERGED-${number[1]}/${file}`]
    const time = clock(io.now())
    const out = unifiedDiff(text(live, merged, 'before'), text(merged, live, 'after'), `${a}\t${time}`, `${b}\t${time}`)
    if (out === '') continue
    differs = 1
    io.out(`diff -u -N ${a} ${b}\n${out}`)
  }
  return differs
}

/** A Secret without its values; those that differ are marked. Upstream: diff.go Masker */
function masked(object: Thing, other: Thing | undefined, word: string): Thing {
  const data = object['data'] as Readonly<Record<string, unknown>> | undefined
  if (data === undefined) return object
  const others = (other?.['data'] ?? {}) as Readonly<Record<string, unknown>>
  return { ...object, data: Object.fromEntries(Object.entries(data).map(([k, v]) => [k, Object.hasOwn(others, k) && others[k] !== v ? `*** (${word})` : '***'])) } as unknown as Thing
}

/** `2026-11-20 07:46:03.371312000 +0000` */
function clock(us: number): string {
  const seconds = Math.floor(us / 1e6)
  const days = Math.floor(seconds / 86_400)
  const [y, m, d] = civil(days)
  const two = (n: number): string => String(n).padStart(2, '0')
  const s = seconds % 86_400
  return `${y}-${two(m)}-${two(d)} ${two(Math.floor(s / 3600))}:${two(Math.floor((s % 3600) / 60))}:${two(s % 60)}.${String(us % 1e6).padStart(6, '0')}000 +0000`
}

/** Date of a day since 1970 (Howard Hinnant's algorithm). */
function civil(day: number): readonly [number, number, number] {
  const z = day + 719_468
  const era = Math.floor(z / 146_097)
  const doe = z - era * 146_097
  const yoe = Math.floor((doe - Math.floor(doe / 1460) + Math.floor(doe / 36_524) - Math.floor(doe / 146_096)) / 365)
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100))
  const mp = Math.floor((5 * doy + 2) / 153)
  const m = mp < 10 ? mp + 3 : mp - 9
  return [yoe + era * 400 + (m <= 2 ? 1 : 0), m, doy - Math.floor((153 * mp + 2) / 5) + 1]
}
