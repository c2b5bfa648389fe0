import { TriangleAlert, X } from 'lucide-react'
import { Button, IconButton } from '../../kit'
import type { Crash } from '../../../bridge/protocol'
import { useKubeloop, useSession } from '../../state'

const whatThen: Readonly<Record<Crash['after'], string>> = {
  restarted: 'It was started again from what you had done.',
  stopped: 'It could not be started again; reload the page.',
  'going-on': 'A rule that must always hold is broken. It goes on; a report helps us to mend it.',
}

/** What happened when the engine found itself wrong, and the report to take along. */
export function CrashBanner() {
  const kubeloop = useKubeloop()
  const crash = useSession((s) => s.crash)
  const step = useSession((s) => s.step)
  if (!crash) return null
  const download = (): void => {
    const url = URL.createObjectURL(new Blob([crash.report], { type: 'application/json' }))
    const link = document.createElement('a')
    link.href = url
    link.download = 'kubeloop-report.json'
    link.click()
    URL.revokeObjectURL(url)
  }
  return (
    <div role="alert" className="flex flex-wrap items-center gap-2 border-b border-err bg-err-soft px-3 py-2 text-13">
      <TriangleAlert className="size-4 text-err" aria-hidden="true" />
      <div className="min-w-0 flex-1">
        <b className="font-semibold">{crash.after === 'going-on' ? 'The simulation may be wrong here.' : `The simulation stopped at step ${step}.`}</b>{' '}
        {whatThen[crash.after]}{' '}
        <span className="text-text2">{crash.message}</span>
      </div>
      <Button onClick={download}>Download report</Button>
      {crash.after !== 'stopped' ? (
        <IconButton label="Dismiss" size="sm" onClick={() => kubeloop.session.setState({ crash: null })}><X /></IconButton>
      ) : (
        <Button tone="primary" onClick={() => location.reload()}>Reload</Button>
      )}
    </div>
  )
}
