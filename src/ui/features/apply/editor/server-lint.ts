import { setDiagnostics, type Diagnostic } from '@codemirror/lint'
import type { Extension } from '@codemirror/state'
import { ViewPlugin, type EditorView, type ViewUpdate } from '@codemirror/view'
import { parse } from 'yaml'
import type { Question, TriedCommand } from '../../../../bridge/protocol'
import { checkSchema } from './check'
import { readDefinition, type CustomSchema } from './crd-schema'
import { documentsOf, headOf, type Doc } from './documents'
import { onCustomKinds, schemaReady, setCustomKinds } from './schema'
import { problemsOf, type Problem } from './server-errors'

/** Larger texts are only checked when one asks. Units: characters, documents. */
const mostText = 150_000
const mostDocs = 40

/** Rest after a key before the text is checked, and before the server is asked. Units: ms. */
const schemaDelay = 250
const serverDelay = 700

export const dryRun = 'kubectl apply --dry-run=server -f -'

/**
 * Underlines what is wrong: by the schema at once, then by what the simulated server itself says to a dry run of each
 * document (without `ask`, by the schema alone). The dry run is a question: it is not in the log, and works while time stands still.
 */
export function serverLint(ask: ((question: Question) => Promise<unknown>) | null): Extension {
  return ViewPlugin.fromClass(
    class {
      private schemaTimer = 0
      private serverTimer = 0
      private asked = 0
      private live = true
      private readonly stop = onCustomKinds(() => this.later())

      constructor(private readonly view: EditorView) {
        this.later()
        void schemaReady.then(() => this.live && this.later())
      }

      update(update: ViewUpdate): void {
        if (update.docChanged) this.later()
      }

      destroy(): void {
        this.live = false
        this.stop()
        clearTimeout(this.schemaTimer)
        clearTimeout(this.serverTimer)
      }

      private later(): void {
        clearTimeout(this.schemaTimer)
        clearTimeout(this.serverTimer)
        this.asked++
        if (this.view.state.doc.length > mostText) return
        this.schemaTimer = window.setTimeout(() => this.show(), schemaDelay)
        if (ask) this.serverTimer = window.setTimeout(() => void this.askServer(), serverDelay)
      }

      private show(said: ReadonlyMap<Doc, readonly Problem[]> = new Map(), docs = documentsOf(this.view.state.doc.toString())): void {
        setCustomKinds('text', definitionsIn(docs))
        this.view.dispatch(setDiagnostics(this.view.state, diagnosticsOf(docs, said, this.view.state.doc.length)))
      }

      private async askServer(): Promise<void> {
        const asked = ++this.asked
        const docs = documentsOf(this.view.state.doc.toString())
        if (docs.length === 0 || docs.length > mostDocs) return
        if (!ask) return
        const tried = await ask({ about: 'try', commands: docs.map(({ text }) => ({ line: dryRun, stdin: text })) }).catch(() => null) as readonly TriedCommand[] | null
        if (!this.live || asked !== this.asked || tried === null) return
        this.show(new Map(docs.map((doc, i) => [doc, problemsOf(doc.text, tried[i]?.stderr ?? '').filter((problem) => !comesBefore(problem, docs) && !problem.message.includes('last-applied-configuration'))])), docs)
      }
    },
  )
}

/** Kinds that the text itself defines. */
function definitionsIn(docs: readonly Doc[]): readonly CustomSchema[] {
  return docs.filter(({ text }) => headOf(text).kind === 'CustomResourceDefinition').flatMap(({ text }) => {
    try {
      return [readDefinition(parse(text, { logLevel: 'silent' }))]
    } catch {
      return [] // not whole yet
    }
  })
}

/** What another document of the same file will have made by then is no problem. */
function comesBefore({ message }: Problem, docs: readonly Doc[]): boolean {
  const namespace = /namespaces "([^"]+)" not found/.exec(message)?.[1]
  if (namespace !== undefined) return docs.some(({ text }) => headOf(text).kind === 'Namespace' && headOf(text).name === namespace)
  const kind = /no matches for kind "([^"]+)"/.exec(message)?.[1]
  return kind !== undefined && docs.some(({ text }) => headOf(text).kind === 'CustomResourceDefinition' && new RegExp(`kind: *${kind}\\b`).test(text))
}

/** The server's words where it has some about a line, else the schema's. */
export function diagnosticsOf(docs: readonly Doc[], said: ReadonlyMap<Doc, readonly Problem[]>, length: number): readonly Diagnostic[] {
  const out: Diagnostic[] = []
  for (const doc of docs) {
    const server = said.get(doc) ?? []
    const lineOf = (offset: number): number => doc.text.slice(0, offset).split('\n').length
    const lines = new Set(server.map(({ from }) => lineOf(from)))
    const schema = checkSchema(doc.text).filter(({ from }) => !lines.has(lineOf(from)))
    for (const [source, problems] of [['kube-apiserver', server], ['schema', schema]] as const)
      for (const { severity, message, from, to } of problems) {
        const begin = Math.min(doc.from + from, length)
        out.push({ severity, message, source, from: begin, to: Math.min(Math.max(begin + 1, doc.from + to), length) })
      }
  }
  return out.filter(({ from, to }) => from < to).sort((a, b) => a.from - b.from || a.to - b.to)
}
