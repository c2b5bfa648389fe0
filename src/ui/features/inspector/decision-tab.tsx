import { Glyph, clockText, cx } from '../../kit'
import { useAnswer } from '../../state'
import { refOf, useSubject } from './subject'

/** The scheduler's record of one attempt, as the question `decision` answers it. */
interface Decision {
  readonly at: number
  readonly node: string | null
  readonly evaluated: number
  readonly feasible: number
  readonly nodeCount: number
  readonly nodes: readonly DecisionNode[]
  readonly message: string
}

interface DecisionNode {
  readonly name: string
  readonly filter: { readonly plugin: string; readonly reasons: readonly string[] } | null
  readonly scores: Readonly<Record<string, { readonly raw: number; readonly normalized: number; readonly weighted: number }>>
  readonly total: number
}

/** Nodes that get a column of scores; the best ones. */
const mostColumns = 5
const mostLines = 60

/** Why this node: which filters refused which nodes, and what the others scored. */
export function DecisionTab() {
  const ref = refOf(useSubject())
  const { value, error } = useAnswer(ref && { about: 'decision', namespace: ref.namespace, name: ref.name })
  if (error) return <p className="p-3 text-12 text-text2">{error}</p>
  if (value === undefined) return <p className="p-3 text-12 text-text3">Asking the scheduler…</p>
  if (value === null) return <p className="p-3 text-12 text-text2">The scheduler has no decision on this pod: it has not come to it yet, is stopped, or decided longer ago than it remembers (500 pods).</p>
  const decision = value as Decision
  const refused = decision.nodes.filter(({ filter }) => filter !== null).length
  const scored = decision.nodes.filter(({ filter }) => filter === null).sort((a, b) => b.total - a.total || (a.name < b.name ? -1 : 1))
  return (
    <div className="p-3">
      <div className="mb-2 flex min-h-8 flex-wrap items-center gap-2">
        <h3 className="text-14 font-semibold">{decision.node === null ? 'Why no node?' : `Why ${decision.node}?`}</h3>
        <span className="chip">{decision.evaluated} of {decision.nodeCount} nodes looked at, {refused} filtered, {decision.feasible} feasible</span>
      </div>
      <p className="mb-3 text-12 break-words text-text2">{decision.message} <span className="mono text-11 text-text3">{clockText(decision.at)}</span></p>
      {decision.nodes.length === 0 && <p className="text-12 text-text2">There were too many nodes to keep what each filter and score said.</p>}
      {decision.nodes.length > 0 && <Filters nodes={decision.nodes} chosen={decision.node} />}
      {scored.length > 0 && Object.keys(scored[0]?.scores ?? {}).length > 0 && <Scores nodes={scored} chosen={decision.node} />}
    </div>
  )
}

function Filters({ nodes, chosen }: { readonly nodes: readonly DecisionNode[]; readonly chosen: string | null }) {
  const sorted = nodes.toSorted((a, b) => Number(b.name === chosen) - Number(a.name === chosen) || Number(a.filter !== null) - Number(b.filter !== null) || (a.name < b.name ? -1 : 1))
  return (
    <table className="mb-3 w-full text-12">
      <thead><tr className="border-b border-line2 text-left text-11 text-text3"><th className="py-1 font-medium">Node</th><th className="font-medium">Filters</th></tr></thead>
      <tbody>
        {sorted.slice(0, mostLines).map(({ name, filter }) => (
          <tr key={name} className={cx('border-b border-line1 align-top', filter && 'bg-err-soft')}>
            <th scope="row" className="mono py-1 pr-2 text-left text-11/[18px] font-normal">{name}</th>
            <td className={cx('py-1 break-words *:mr-1.5 *:inline', filter ? 'text-err' : 'text-ok')}>
              <Glyph name={filter ? 'err' : 'ok'} />
              {filter ? `${filter.plugin}: ${filter.reasons.join('; ')}` : 'passes all'}{name === chosen ? ', chosen' : ''}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Scores({ nodes, chosen }: { readonly nodes: readonly DecisionNode[]; readonly chosen: string | null }) {
  const columns = nodes.toSorted((a, b) => Number(b.name === chosen) - Number(a.name === chosen) || b.total - a.total).slice(0, mostColumns)
  const plugins = Object.keys(columns[0]?.scores ?? {})
  const weightOf = (plugin: string): number | undefined => {
    const seen = nodes.map(({ scores }) => scores[plugin]).find((s) => s !== undefined && s.normalized > 0)
    return seen && Math.round(seen.weighted / seen.normalized)
  }
  const best = (plugin: string): number => Math.max(1, ...nodes.map(({ scores }) => scores[plugin]?.weighted ?? 0))
  return (
    <div className="overflow-x-auto">
      <table className="w-full text-12">
        <thead>
          <tr className="border-b border-line2 text-11 text-text3">
            <th className="py-1 text-left font-medium">Score, after weight</th>
            {columns.map(({ name }) => <th key={name} className={cx('mono pl-3 text-right font-medium', name === chosen && 'text-ok')}>{name}</th>)}
          </tr>
        </thead>
        <tbody>
          {plugins.map((plugin) => {
            const weight = weightOf(plugin)
            return (
              <tr key={plugin} className="border-b border-line1">
                <th scope="row" className="py-1 text-left font-normal break-words">{words(plugin)} {weight !== undefined && <span className="mono text-11 text-text3">×{weight}</span>}</th>
                {columns.map(({ name, scores }) => (
                  <td key={name} className="mono pl-3 text-right">
                    {scores[plugin]?.weighted ?? 0}
                    <span aria-hidden="true" className="mt-0.5 ml-auto block h-1 w-10 overflow-hidden rounded-[2px] bg-bg3"><span className={cx('block h-full', name === chosen ? 'bg-ok' : 'bg-line3')} style={{ width: `${((scores[plugin]?.weighted ?? 0) / best(plugin)) * 100}%` }} /></span>
                  </td>
                ))}
              </tr>
            )
          })}
          <tr className="font-semibold">
            <th scope="row" className="py-1 text-left">Total</th>
            {columns.map(({ name, total }) => <td key={name} className={cx('mono pl-3 text-right', name === chosen && 'text-ok')}>{total}</td>)}
          </tr>
        </tbody>
      </table>
      {nodes.length > columns.length && <p className="mt-1 text-11 text-text3">{nodes.length - columns.length} more feasible nodes scored less</p>}
      {nodes.filter(({ total }) => total === columns[0]?.total).length > 1 && <p className="mt-1 text-11 text-text3">Equal totals: the scheduler draws one at random (here from the seed).</p>}
    </div>
  )
}

/** `NodeResourcesBalancedAllocation` → `Node Resources Balanced Allocation`, so that it can wrap. */
function words(plugin: string): string {
  return plugin.replace(/([a-z])([A-Z])/g, '$1 $2')
}
