import { useState } from 'react'
import { Button, Dialog } from '../../kit'
import { asKubectl } from './editor/as-kubectl'

/** What one would type into a shell instead of pressing the editor's buttons. */
export function KubectlLines({ text, onClose }: { readonly text: string; readonly onClose: () => void }) {
  const [copied, setCopied] = useState<string | null>(null)
  const copy = async (line: string): Promise<void> => {
    await navigator.clipboard.writeText(line)
    setCopied(line)
  }
  return (
    <Dialog wide title="The same with kubectl" onClose={onClose}>
      <ul className="flex flex-col gap-3">
        {asKubectl(text).map(({ what, line }) => (
          <li key={`${what} ${line}`}>
            <div className="mb-1 flex items-center justify-between gap-2 text-12 text-text2">
              {what}
              {'clipboard' in navigator && <Button size="sm" aria-label={`Copy: ${what}`} onClick={() => void copy(line)}>{copied === line ? 'Copied' : 'Copy'}</Button>}
            </div>
            <pre className="mono max-h-48 overflow-auto rounded-2 border border-line1 bg-bg0 px-2 py-1.5 text-11/[17px] break-words whitespace-pre-wrap">{line}</pre>
          </li>
        ))}
      </ul>
    </Dialog>
  )
}
