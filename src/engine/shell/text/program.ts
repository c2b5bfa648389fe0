/** The files of a machine, as programs about text see them. */
export interface TextFiles {
  /** Text of a file; undefined when it cannot be read. */
  read(path: string): string | undefined
  isDir(path: string): boolean
  /** All files below a directory, sorted. */
  below(path: string): readonly string[]
  /** Writes a file. Answers why it cannot be, or undefined. */
  write(path: string, text: string): string | undefined
  /** What a program says of a file that it cannot read, behind its own name: busybox and the GNU programs differ. */
  missing(path: string): string
}

/** One run of a program about text. */
export interface TextCall {
  readonly name: string
  readonly args: readonly string[]
  /** All that comes in; '' without anything. Asking for it tells that the program reads it. */
  readonly stdin: string
  readonly files: TextFiles
  out(text: string): void
  err(text: string): void
}

/**
 * A program that makes text of text: the same in every shell, a function of its arguments, files and what comes in. `streams` tells what
 * can be printed before the end of the input is known. `chunk`: each line's output depends on nothing but the line. `prefix`: output for
 * the beginning of the input is the beginning of the output. `enough`: the input so far settles all, so that who writes it can stop.
 */
export interface TextProgram {
  readonly run: (call: TextCall) => number
  readonly streams?: (args: readonly string[]) => 'chunk' | 'prefix' | undefined
  readonly enough?: (args: readonly string[], sofar: string) => boolean
}

/** Lines of a text, without the newline that ends it. */
export const linesOf = (text: string): string[] => (text === '' ? [] : (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n'))

/** Lines as a text. */
export const joined = (lines: readonly string[]): string => (lines.length === 0 ? '' : `${lines.join('\n')}\n`)

/** Texts of the files that were named, or what comes in; complains about those that are not there. */
export function inputs(call: TextCall, paths: readonly string[]): { readonly texts: readonly { readonly path: string; readonly text: string }[]; readonly code: number } {
  if (paths.length === 0) return { texts: [{ path: '-', text: call.stdin }], code: 0 }
  const texts: { path: string; text: string }[] = []
  let code = 0
  for (const path of paths) {
    const text = path === '-' || path === '/dev/stdin' ? call.stdin : call.files.read(path)
    if (text !== undefined) texts.push({ path, text })
    else {
      call.err(`${call.name}: ${call.files.missing(path)}\n`)
      code = 1
    }
  }
  return { texts, code }
}

/** Refuses an option. */
export function badOption({ name, err }: TextCall, option: string): number {
  err(`${name}: ${option.startsWith('--') ? `unrecognized option '${option}'` : `invalid option -- '${option.slice(1)}'`}\n`)
  return 2
}
