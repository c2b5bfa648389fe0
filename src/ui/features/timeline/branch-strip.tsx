import { useKubeloop, useSession } from '../../state'
import { placeOf, type Layout } from './layout'

/** Room for the line of the present branch and those of others. Units: px. */
export const branchRowsHeight = (branches: number): number => (branches > 1 ? 36 : 18)
const rowHeight = 16
const mostForks = 2

/** The present branch as a line from its beginning to its head; others leave it where they forked. */
export function BranchStrip({ layout, top }: { readonly layout: Layout; readonly top: number }) {
  const { send } = useKubeloop()
  const branches = useSession((s) => s.branches)
  const current = useSession((s) => s.clock.branch)
  const head = useSession((s) => s.clock.head)
  const label = branches.find(({ id }) => id === current)?.label ?? 'main'
  const headX = placeOf(layout, head)
  // Newest first: what was left last is what one goes back to.
  const others = branches.filter(({ id }) => id !== current).toReversed().slice(0, mostForks).map((branch) => ({ ...branch, x: placeOf(layout, forkOf(branch.id, current, branches)) }))
  const y = 10
  return (
    <div className="absolute inset-x-0 overflow-hidden" style={{ top, height: branchRowsHeight(branches.length) }}>
      <svg className="absolute inset-0 h-full w-full overflow-hidden" aria-hidden="true">
        <path d={`M0 ${y}H${headX}`} stroke="var(--line3)" strokeWidth="1.5" fill="none" />
        {others.map(({ id, x }, i) => (
          <g key={id}>
            <path d={`M${x} ${y}c8 0 4 ${rowHeight} 16 ${rowHeight}H${x + 28 + i * 200}`} stroke="var(--term)" strokeWidth="1.5" fill="none" />
            <circle cx={x} cy={y} r="3.5" fill="var(--bg1)" stroke="var(--text2)" strokeWidth="1.5" />
          </g>
        ))}
      </svg>
      <span className="el absolute max-w-60 text-11 text-text2" style={{ left: headX + 6, top: y - 8 }}>{label}, head</span>
      {others.map(({ id, label: name, x }, i) => (
        <button
          key={id} type="button" aria-label={`Switch to branch ${name}`} onClick={() => send({ type: 'branch', id })}
          className="el absolute h-4 max-w-44 rounded-1 px-1 text-11/4 text-term hover:underline" style={{ left: x + 30 + i * 200, top: y + rowHeight - 8 }}
        >
          {name}
        </button>
      ))}
    </div>
  )
}

interface Line {
  readonly id: number
  readonly parent: number | null
  readonly forkedAt: number
}

/** The moment up to which two branches have the same past. */
function forkOf(a: number, b: number, branches: readonly Line[]): number {
  const pathOf = (id: number): Line[] => {
    const line = branches.find((branch) => branch.id === id)
    return line ? [...(line.parent === null ? [] : pathOf(line.parent)), line] : []
  }
  const [one, two] = [pathOf(a), pathOf(b)]
  let same = 0
  while (same < one.length && same < two.length && one[same]?.id === two[same]?.id) same++
  return Math.min(one[same]?.forkedAt ?? Infinity, two[same]?.forkedAt ?? Infinity)
}
