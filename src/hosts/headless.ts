import { readFileSync } from 'node:fs'
import { parseScript } from './script'
import { runScript } from './run-script'

/** `npm run --silent headless -- script.json`: runs a script in simulated time and prints its report as JSON. Exit code 2 and one line on stderr for a bad script. */
export async function main(argv: string[]): Promise<number> {
  const [file, ...more] = argv
  const fail = (line: string): number => {
    process.stderr.write(`${line}\n`)
    return 2
  }
  if (file === undefined || more.length > 0) return fail('usage: npm run --silent headless -- SCRIPT.json')
  let text: string
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch (error) {
    return fail(`${file}: ${(error as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file' : (error as Error).message}`)
  }
  let report: unknown
  try {
    report = runScript(parseScript(text, file), file)
  } catch (error) {
    if (error instanceof Error && error.name === 'AssertionError') throw error
    return fail((error as Error).message)
  }
  await new Promise<void>((done, failed) => process.stdout.write(`${JSON.stringify(report)}\n`, (error) => (error ? failed(error) : done())))
  return 0
}
