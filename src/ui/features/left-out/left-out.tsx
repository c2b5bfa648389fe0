import { Fragment, useState, type ReactNode } from 'react'
import { rooms } from 'virtual:left-out'
import { Dialog } from '../../kit'
import { useKubeloop } from '../../state'

/** Every room of the engine by upstream's name, with what of upstream it does not do. */
export function LeftOut() {
  const { setUi } = useKubeloop()
  const [wanted, setWanted] = useState('')
  const word = wanted.trim().toLowerCase()
  const shown = rooms
    .map((room) => ({ ...room, lines: room.name.toLowerCase().includes(word) ? room.lines : room.lines.filter((line) => line.toLowerCase().includes(word)) }))
    .filter(({ lines }) => lines.length > 0)
  return (
    <Dialog wide title="What this model leaves out" onClose={() => setUi({ dialog: null })}>
      <p className="mb-3 text-13 text-text2">
        Kubeloop follows Kubernetes v1.36, not all of it. This is what each part does not do, as the part's own notes say; what is not listed here is meant to behave as the real one.
      </p>
      <input
        type="search" aria-label="Find" placeholder="Find, e.g. webhook" value={wanted} onChange={(event) => setWanted(event.target.value)}
        className="mb-3 h-8 w-full rounded-2 border border-line2 bg-bg0 px-2 text-13 coarse:h-11 coarse:text-16"
      />
      <div className="flex min-h-[40vh] flex-col gap-4">
        {shown.map(({ room, name, lines }) => (
          <section key={room} aria-labelledby={`left-out-${room}`}>
            <h3 id={`left-out-${room}`} className="flex flex-wrap items-baseline gap-x-2 text-13 font-semibold">{name} <code className="mono text-11 font-normal text-text3">src/{room}</code></h3>
            <Lines lines={lines} />
          </section>
        ))}
        {shown.length === 0 && <p className="text-12 text-text3">No part names “{wanted.trim()}” among what it leaves out.</p>}
      </div>
    </Dialog>
  )
}

function Lines({ lines }: { readonly lines: readonly string[] }) {
  const items = lines.filter((line) => line.startsWith('- '))
  const said = lines.filter((line) => !line.startsWith('- '))
  return (
    <div className="mt-1 max-w-[72ch] space-y-1 text-12/[18px] break-words text-text2">
      {said.map((line, i) => <p key={i}><Inline text={line} /></p>)}
      {items.length > 0 && <ul className="list-disc space-y-0.5 pl-4">{items.map((line, i) => <li key={i}><Inline text={line.slice(2)} /></li>)}</ul>}
    </div>
  )
}

/** The little Markdown that READMEs use in a sentence: code, bold, links as their words. */
function Inline({ text }: { readonly text: string }): ReactNode {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*|\[[^\]]+\]\([^)]+\))/).map((part, i) => {
    if (part.startsWith('`')) return <code key={i} className="mono text-11">{part.slice(1, -1)}</code>
    if (part.startsWith('**')) return <strong key={i}>{part.slice(2, -2)}</strong>
    if (part.startsWith('[')) return <Fragment key={i}>{part.slice(1, part.indexOf(']'))}</Fragment>
    return <Fragment key={i}>{part}</Fragment>
  })
}
