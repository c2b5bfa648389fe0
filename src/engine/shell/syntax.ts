/** A part of a word: literal text, or something to expand. What is `quoted` is neither split into fields nor a pattern. */
export type WordPart =
  | { readonly is: 'text'; readonly text: string; readonly quoted: boolean }
  /** `op` is what stands behind the name in braces (`:-`, `##`, `/` …), `length` for `${#name}`, '' for the plain value. `index`: of an array; `@` for all. */
  | { readonly is: 'var'; readonly name: string; readonly index?: Word | undefined; readonly op: string; readonly arg: Word; readonly by?: Word | undefined; readonly quoted: boolean }
  /** `file`: `<(…)`, a file that holds the output. */
  | { readonly is: 'command'; readonly body: Node; readonly quoted: boolean; readonly file?: boolean | undefined }
  | { readonly is: 'math'; readonly sum: Word; readonly quoted: boolean }

/** A word of the shell language before expansion. */
export type Word = readonly WordPart[]

/** Where a stream goes, or comes from. `>&`: `to` is the other stream's number. `<<`: `to` is the text itself. */
export interface Redirect {
  readonly op: '>' | '>>' | '<' | '>&' | '<<'
  readonly fd: number
  readonly to: Word
}

/** `name=value`, `name+=value`, `name[1]=value`, `name=(a b)`. */
export interface Assign {
  readonly name: string
  readonly value: Word
  readonly append?: boolean | undefined
  readonly index?: Word | undefined
  readonly list?: readonly Word[] | undefined
}

/** One command. */
export interface SimpleCommand {
  readonly t: 'cmd'
  readonly assigns: readonly Assign[]
  readonly words: readonly Word[]
  readonly redirects: readonly Redirect[]
}

/** Commands in order; each depends on how the one before it ended, unless `after` is empty. */
export interface Sequence {
  readonly t: 'seq'
  readonly items: readonly { readonly after: '' | '&&' | '||'; readonly node: Node }[]
}

/**
 * A script as a tree of plain immutable data: a running shell points into it. `sub` is a subshell, `bg` a list that `&` ends. Those that
 * other processes or later lines read again keep their `text`.
 */
export type Node =
  | SimpleCommand
  | Sequence
  | { readonly t: 'pipe'; readonly stages: readonly Node[]; readonly negate: boolean }
  | { readonly t: 'if'; readonly arms: readonly { readonly test: Node; readonly body: Node }[]; readonly otherwise: Node | null }
  | { readonly t: 'loop'; readonly until: boolean; readonly test: Node; readonly body: Node; readonly step: Node | null }
  | { readonly t: 'for'; readonly name: string; readonly words: readonly Word[] | null; readonly body: Node }
  | { readonly t: 'case'; readonly word: Word; readonly arms: readonly { readonly patterns: readonly Word[]; readonly body: Node }[] }
  | { readonly t: 'redir'; readonly body: Node; readonly redirects: readonly Redirect[] }
  | { readonly t: 'func'; readonly name: string; readonly body: Node; readonly text: string }
  | { readonly t: 'sub'; readonly body: Node }
  | { readonly t: 'bg'; readonly body: Node; readonly text: string }

/** Thrown for what a shell cannot read. `more`: the text ended before the command did. */
export class SyntaxProblem {
  constructor(
    readonly message: string,
    readonly more = false,
  ) {}
}

/** Bounds: the longest script that is read (longer ones are refused with the words of execve), and the deepest nesting. Units: characters. */
export const syntaxLimits = { script: 131_072, depth: 30 } as const
