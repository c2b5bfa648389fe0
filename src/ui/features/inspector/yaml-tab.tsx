import { useMemo, useState, type ReactNode } from 'react'
import { Check, Copy, Pencil } from 'lucide-react'
import { Button } from '../../kit'
import { objectYaml, useKubeloop } from '../../state'
import { useObject } from './api-object'
import { refOf, useSubject, type ObjectRef } from './subject'

/** The whole object as the API server has it, as `kubectl get -o yaml` would show it, and the way to edit it. */
export function YamlTab() {
  const ref = refOf(useSubject())
  const { object, error } = useObject(ref)
  const text = useMemo(() => (object === undefined ? '' : objectYaml(object)), [object])
  if (error) return <p className="p-3 text-12 text-text2">{error}</p>
  if (text === '') return <p className="p-3 text-12 text-text3">{ref ? 'Asking the API server…' : 'It does not exist at this moment.'}</p>
  return (
    <div className="relative">
      <div className="sticky top-0 z-1 flex items-center justify-between border-b border-line1 bg-bg1 px-3 py-1.5 text-11 text-text3">
        <span>{text.trimEnd().split('\n').length} lines</span>
        <span className="flex gap-1.5">
          {ref && <EditButton target={ref} />}
          <CopyButton text={text} />
        </span>
      </div>
      {/* Scrolls by itself, so it can take the focus. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre tabIndex={0} aria-label="The object as YAML" className="mono overflow-x-auto p-3 text-11/[17px] text-text2">{text.split('\n').map(paintLine)}</pre>
    </div>
  )
}

function EditButton({ target }: { readonly target: ObjectRef }) {
  const { setUi, slots } = useKubeloop()
  if (!slots.dialogs.some(({ id }) => id === 'edit-object')) return null
  return <Button size="sm" aria-haspopup="dialog" onClick={() => setUi({ dialog: { name: 'edit-object', key: `${target.resource}/${target.namespace}/${target.name}` } })}><Pencil aria-hidden="true" /> Edit</Button>
}

function CopyButton({ text }: { readonly text: string }) {
  const { toast } = useKubeloop()
  const [copied, setCopied] = useState(false)
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => {
        setCopied(true)
        setTimeout(() => setCopied(false), 1500)
      },
      () => toast({ tone: 'error', text: 'The browser does not let this page copy. Select the text instead.' }),
    )
  }
  return <Button size="sm" onClick={copy}>{copied ? <Check aria-hidden="true" /> : <Copy aria-hidden="true" />} {copied ? 'Copied' : 'Copy'}</Button>
}

/** A line with its key in another colour. */
function paintLine(line: string, i: number): ReactNode {
  const [, before = '', key = '', after = ''] = /^([\s-]*)([^\s:#'"][^:]*:)(\s.*|)$/.exec(line) ?? []
  return key === '' ? `${line}\n` : <span key={i}>{before}<span className="text-info">{key}</span>{after}{'\n'}</span>
}
