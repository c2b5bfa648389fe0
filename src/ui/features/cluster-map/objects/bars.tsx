import type { NodeRow, Usage } from '../../../../bridge/protocol'

const Gi = 1024 ** 3

/** Requested and used, of what can be allocated. */
export function Bars({ node }: { readonly node: NodeRow }) {
  const { cpu, memory } = node
  return (
    <div className="bars">
      <span>CPU</span><Bar usage={cpu} /><span className="mono text-text2">{(cpu.requested / 1000).toFixed(2)}/{(cpu.allocatable / 1000).toFixed(2)}</span>
      <span>Mem</span><Bar usage={memory} /><span className="mono text-text2">{(memory.requested / Gi).toFixed(1)}/{(memory.allocatable / Gi).toFixed(1)} Gi</span>
    </div>
  )
}

function Bar({ usage }: { readonly usage: Usage }) {
  const part = (n: number): string => `${usage.allocatable > 0 ? Math.min(100, (n / usage.allocatable) * 100) : 0}%`
  return (
    <div className="bar">
      {usage.requested > 0 && <div className="rq" style={{ width: part(usage.requested) }} />}
      <div className="us" style={{ width: part(usage.used) }} />
    </div>
  )
}
