import type { ReactNode } from 'react'
import { HeartPulse, Minus, Plus } from 'lucide-react'
import { Button, IconButton } from '../../kit'
import { useKubeloop, useUi } from '../../state'

/** What the lines mean. */
export function Legend({ tiles }: { readonly tiles: boolean }) {
  return (
    <div className="legend" aria-hidden="true">
      {tiles ? (
        <span>CPU requested <span className="mono">0</span>{[0, 1, 2, 3, 4, 5].map((n) => <i key={n} style={{ background: `var(--heat${n})` }} />)}<span className="mono">100%</span></span>
      ) : (
        <>
          <span><svg width="28" height="12"><path d="M0 6h28" className="l" /><circle cx="14" cy="6" r="3.8" fill="var(--text2)" /></svg>write</span>
          <span><svg width="28" height="12"><path d="M0 6h28" className="l" strokeDasharray="6 4" /><circle cx="14" cy="6" r="3.4" fill="var(--bg0)" stroke="var(--text2)" strokeWidth="1.5" /></svg>read</span>
          <span><svg width="28" height="12"><path d="M0 6h28" className="l" strokeDasharray="1.5 4" strokeLinecap="round" /><path d="M14 2l4 4-4 4-4-4z" fill="var(--bg0)" stroke="var(--text2)" strokeWidth="1.5" /></svg>watch event</span>
          <span><svg width="28" height="12"><path d="M0 6h28" className="l" strokeWidth="1" /></svg>local call</span>
        </>
      )}
    </div>
  )
}

/** Draws the renewals of leases as messages too. */
export function HeartbeatSwitch() {
  const { setUi } = useKubeloop()
  const on = useUi((ui) => ui.heartbeats)
  return <IconButton size="sm" label={on ? 'Hide heartbeats' : 'Show heartbeats'} aria-pressed={on} className="aria-pressed:bg-bg3 aria-pressed:text-text" onClick={() => setUi({ heartbeats: !on })}><HeartPulse /></IconButton>
}

/** Closer, farther, all of it. */
export function ZoomControl({ percent, zoomBy, fit, children }: { readonly percent: number; readonly zoomBy: (factor: number) => void; readonly fit: () => void; readonly children?: ReactNode }) {
  return (
    <div className="zoom" role="toolbar" aria-label="Zoom">
      {children}
      <IconButton size="sm" label="Zoom out" onClick={() => zoomBy(1 / 1.25)}><Minus /></IconButton>
      <span className="mono w-10 text-center">{percent}%</span>
      <IconButton size="sm" label="Zoom in" onClick={() => zoomBy(1.25)}><Plus /></IconButton>
      <Button size="sm" className="border-transparent! bg-transparent!" onClick={fit}>Fit</Button>
    </div>
  )
}
