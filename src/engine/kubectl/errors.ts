import { goQuote, type Status } from '../apimachinery'
import type { ApiResponse } from '../client-go'

/** One thing that went wrong: words of kubectl's own, a Status of the server, or a connection that failed. */
export type Problem =
  | { readonly text: string; readonly bare?: boolean }
  | { readonly status: Status }
  | { readonly url: string }

/** Thrown by a verb to end it with an error, or kept in a list while it goes on. Upstream: the errors that cmdutil.CheckErr gets. */
export class Fail {
  constructor(
    readonly problems: readonly Problem[],
    readonly code = 1,
  ) {}
}

/** A Fail of plain words. `bare` leaves out the `error: ` before them. */
export function fail(text: string, bare = false): Fail {
  return new Fail([bare ? { text, bare } : { text }])
}

/** What a failed response becomes. Upstream: client-go/rest transformResponse, net/url Error */
export function problemOf(response: ApiResponse): Problem {
  const status = response.body as unknown as Status
  if (response.code !== 0) return { status }
  return { url: status.reason === 'ConnectionRefused' ? 'refused' : (status.message ?? 'EOF') }
}

/** The same problem with `error when <verb> "<source>": ` before the server's words. Upstream: cmdutil.AddSourceToErr */
export function withSource(problem: Problem, verb: string, source: string): Problem {
  if (source === '') return problem
  if ('status' in problem) return { status: { ...problem.status, message: `error when ${verb} ${goQuote(source)}: ${problem.status.message ?? ''}` } }
  return 'text' in problem ? { text: `error when ${verb} ${goQuote(source)}: ${problem.text}` } : problem
}

/** The words of a problem without `error: `, as Go's Error() gives them. */
export function wordsOf(problem: Problem): string {
  if ('text' in problem) return problem.text
  if ('status' in problem) return problem.status.message ?? ''
  return problem.url === 'refused' ? 'Get "https://10.0.0.10:6443": dial tcp 10.0.0.10:6443: connect: connection refused' : problem.url
}

/** Upstream: cmdutil StandardErrorMessage */
function standardMessage(problem: Problem): string | undefined {
  if ('status' in problem) {
    const { reason, message = '' } = problem.status
    if (reason === 'Unauthorized') return `error: You must be logged in to the server (${message})`
    return reason ? `Error from server (${reason}): ${message}` : `Error from server: ${message}`
  }
  if ('url' in problem) {
    return problem.url === 'refused'
      ? 'The connection to the server 10.0.0.10:6443 was refused - did you specify the right host or port?'
      : `Unable to connect to the server: ${problem.url}`
  }
  return undefined
}

/** What kubectl prints for the errors of a command. Upstream: cmdutil checkErr, MultipleErrors */
export function errorText(problems: readonly Problem[]): string {
  if (problems.length !== 1) return problems.map((p) => `${standardMessage(p) ?? wordsOf(p)}\n`).join('')
  const problem = problems[0] as Problem
  if ('status' in problem && problem.status.reason === 'Invalid') return invalidText(problem.status)
  const standard = standardMessage(problem)
  if (standard !== undefined) return `${standard}\n`
  const text = wordsOf(problem)
  const bare = ('bare' in problem && problem.bare) || text.startsWith('error: ')
  const line = bare ? text : `error: ${text}`
  return line.endsWith('\n') ? line : `${line}\n`
}

function invalidText({ details, message = '' }: Status): string {
  let text = 'The request is invalid'
  if (details === undefined) return message === '' ? `${text}\n` : `${text}: ${message}\n`
  const causes = [...new Set((details.causes ?? []).map((c) => `${c.field ?? ''}: ${c.message ?? ''}`))]
  if (details.kind || details.name) text = `The ${details.kind ?? ''} ${goQuote(details.name ?? '')} is invalid`
  else if (message !== '' && causes.length === 0) text += `: ${message}`
  if (causes.length === 0) return `${text}\n`
  return causes.length === 1 ? `${text}: ${causes[0]}\n` : `${text}: \n${causes.map((c) => `* ${c}\n`).join('')}`
}
