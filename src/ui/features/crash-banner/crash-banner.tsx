import { TriangleAlert, X } from 'lucide-react'
import { Button, IconButton } from '../../kit'
import { useKubeloop, useSession } from '../../state'

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
        <b className="font-semibold">The simulation stopped at step {step}.</b>{' '}
        {crash.restarted ? 'It was started again from what you had done.' : 'It could not be started again; reload the page.'}{' '}
        <span className="text-text2">{crash.message}</span>
      </div>
      <Button onClick={download}>Download report</Button>
      {crash.restarted ? (
        <IconButton label="Dismiss" size="sm" onClick={() => kubeloop.session.setState({ crash: null })}><X /></IconButton>
      ) : (
        <Button tone="primary" onClick={() => location.reload()}>Reload</Button>
      )}
    </div>
  )
}
