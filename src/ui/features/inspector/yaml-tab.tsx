import { useMemo, useState, type ReactNode } from 'react'
import { Check, Copy } from 'lucide-react'
import { stringify } from 'yaml'
import { Button } from '../../kit'
import { useKubeloop } from '../../state'
import { useObject } from './api-object'
import { refOf, useSubject } from './subject'

/** The whole object as the API server has it, as `kubectl get -o yaml` would show it. Read-only. */
export function YamlTab() {
  const ref = refOf(useSubject())
  const { object, error } = useObject(ref)
  // Keys in their order by name and lists not indented, as kubectl prints them.
  const text = useMemo(() => (object === undefined ? '' : stringify(object, { sortMapEntries: true, indentSeq: false, lineWidth: 0, aliasDuplicateObjects: false, version: '1.1' })), [object])
  if (error) return <p className="p-3 text-12 text-text2">{error}</p>
  if (text === '') return <p className="p-3 text-12 text-text3">{ref ? 'Asking the API server…' : 'It does not exist at this moment.'}</p>
  return (
    <div className="relative">
      <div className="sticky top-0 z-1 flex items-center justify-between border-b border-line1 bg-bg1 px-3 py-1.5 text-11 text-text3">
        <span>read-only, {text.trimEnd().split('\n').length} lines</span>
        <CopyButton text={text} />
      </div>
      {/* Scrolls by itself, so it can take the focus. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre tabIndex={0} aria-label="The object as YAML" className="mono overflow-x-auto p-3 text-11/[17px] text-text2">{text.split('\n').map(paintLine)}</pre>
    </div>
  )
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
