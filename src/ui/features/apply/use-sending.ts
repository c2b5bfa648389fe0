import type { RefObject } from 'react'
import type { TriedCommand } from '../../../bridge/protocol'
import { useKubeloop, useSession } from '../../state'
import { changeDraft, noAnswer, useDraft, type Draft, type DraftId } from './draft'
import type { EditorHandle } from './editor/yaml-editor'
import { bytesOf, refusalOf } from './limits'

/** What can be done with a text: send it with a command, or ask what a command would do with it. */
export interface Sending {
  readonly draft: Draft
  readonly change: (change: Partial<Draft>) => void
  /** There is a text, and somebody to send it to. */
  readonly ready: boolean
  /** True when the text is too large; says so. */
  readonly refused: (text: string) => boolean
  readonly send: (line?: string) => void
  readonly tryOut: (line: string) => Promise<void>
}

/** Sends what an editor holds. What kubectl says stands under the text, which is kept. */
export function useSending(id: DraftId, editor: RefObject<EditorHandle | null>): Sending {
  const kubeloop = useKubeloop()
  const draft = useDraft(kubeloop, id)
  const started = useSession((s) => s.frame > 0)
  const change = (part: Partial<Draft>): void => changeDraft(kubeloop, part, id)
  const refused = (text: string): boolean => {
    const refusal = refusalOf(bytesOf(text))
    if (refusal !== null) change({ ...noAnswer, refusal })
    return refusal !== null
  }
  const textToSend = (): string | null => {
    const text = editor.current?.text() ?? draft.text
    return text.trim() === '' || !started || refused(text) ? null : text
  }
  return {
    draft, change, refused, ready: started && draft.text.trim() !== '',
    send: (line = draft.command) => {
      const text = textToSend()
      if (text === null) return
      change({ ...noAnswer, command: line, sentAfter: kubeloop.output.rows.at(-1)?.command ?? 0 })
      kubeloop.input({ type: 'kubectl', line, stdin: text })
    },
    tryOut: async (line) => {
      const text = textToSend()
      if (text === null) return
      change({ ...noAnswer, tried: { line, result: null } })
      const results = (await kubeloop.ask({ about: 'try', commands: [{ line, stdin: text }] }).catch((error: unknown) => [{ stdout: '', stderr: String(error), exit: 1 }])) as readonly TriedCommand[]
      change({ tried: { line, result: results[0] ?? null } })
    },
  }
}
