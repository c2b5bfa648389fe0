import { TickText, clockText, numberText } from '../../kit'
import { useSession } from '../../state'

/** Simulated time and etcd's revision. */
export function Clocks() {
  const revision = useSession((s) => s.clock.revision)
  return (
    <div className="flex">
      <Figure label="Simulated time"><TickText text={(now) => clockText(now)} /></Figure>
      <Figure label="etcd revision">{numberText(revision)}</Figure>
    </div>
  )
}

function Figure({ label, children }: { readonly label: string; readonly children: React.ReactNode }) {
  return (
    <div className="flex h-8 flex-col justify-center border-l border-line1 px-3 leading-tight last:border-r">
      <span className="text-11 text-text3">{label}</span>
      <span className="mono text-13 font-semibold">{children}</span>
    </div>
  )
}
