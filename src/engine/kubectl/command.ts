import { Exit, type Io } from './io'

/** Runs one typed line to its end or to its next wait. Answers the exit code. Errors: throws Suspended or Exit. */
export function run(line: string, namespace: string, io: Io): number {
  void namespace
  void io
  throw new Exit(1, `error: unknown command "${line}"`)
}
