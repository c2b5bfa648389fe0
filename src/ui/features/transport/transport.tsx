import { ChevronDown, Flag, Pause, Play, SkipBack, SkipForward } from 'lucide-react'
import { Button, IconButton, TickText, clockText, useMenu } from '../../kit'
import { useKubeloop, useSession } from '../../state'
import { paceItems, paceText } from './pace'
import { Scrubber } from './scrubber'

/** Step back, play or pause, step forward, next milestone, speed: the middle of the top bar. */
export function Transport({ compact = false }: { readonly compact?: boolean }) {
  const { send } = useKubeloop()
  const playing = useSession((s) => s.clock.playing)
  const started = useSession((s) => s.frame > 0)
  const atStart = useSession((s) => s.step <= 0)
  return (
    <div role="toolbar" aria-label="Transport" className="flex items-center gap-0.5">
      <IconButton label="Step back" keys="," disabled={!started || atStart} onClick={() => send({ type: 'step', by: -1 })}><SkipBack /></IconButton>
      <IconButton label={playing ? 'Pause' : 'Play'} keys="Space" tone="primary" disabled={!started} onClick={() => send({ type: playing ? 'pause' : 'play' })}>
        {playing ? <Pause fill="currentColor" /> : <Play fill="currentColor" />}
      </IconButton>
      <IconButton label="Step forward" keys="." disabled={!started} onClick={() => send({ type: 'step', by: 1 })}><SkipForward /></IconButton>
      <IconButton label="Next milestone" keys="M" disabled={!started} onClick={() => send({ type: 'milestone', by: 1 })}><Flag /></IconButton>
      <SpeedButton compact={compact} />
    </div>
  )
}

function SpeedButton({ compact }: { readonly compact: boolean }) {
  const kubeloop = useKubeloop()
  const pace = useSession((s) => s.clock.pace)
  const showMenu = useMenu()
  return (
    <Button
      className={compact ? '' : 'mr-2.5 ml-1.5'} aria-haspopup="menu" aria-label={`Speed: ${paceText(pace)}`} data-tip="How time runs"
      onClick={(event) => showMenu({ label: 'How time runs', anchor: event.currentTarget.getBoundingClientRect(), items: paceItems(pace, (next) => kubeloop.send({ type: 'pace', pace: next })) })}
    >
      {compact ? `${pace.factor}×` : paceText(pace)}
      <ChevronDown aria-hidden="true" />
    </Button>
  )
}

/** The transport of narrow screens: along the bottom, with a scrubber where there is room. */
export function TransportBar({ scrubber }: { readonly scrubber: boolean }) {
  return (
    <div className="flex h-full items-center gap-2 px-3">
      <Transport compact />
      {scrubber && <Scrubber />}
      <TickText className="mono ml-auto text-12 text-text2 max-[400px]:hidden" text={(now) => clockText(now, 1)} />
    </div>
  )
}
