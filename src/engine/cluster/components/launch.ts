import { goQuote } from '../../apimachinery'
import { SECOND, type Micros } from '../../sim'
import type { LaunchVerdict } from '../../cri'
import type { CommandLine } from './command-line'

/** What a component finds when it is started. */
export interface Launch {
  readonly line: CommandLine
  /** A file as its container sees it. */
  read(path: string): string | undefined
  /** The directory of the machine that lies at a path of the container. */
  volumeAt(path: string): string | undefined
  /** Of the machine. */
  readonly address: string
  readonly node: string
  /** Ids of etcd's members, in their order. */
  readonly members: readonly string[]
}

/** How soon a program with a wrong command line is over. */
const atOnce: Micros = 50_000

/** It ends with these words. `E$HEAD` begins a line of klog. */
export function fails(text: string, after: Micros = atOnce, code = 1): LaunchVerdict {
  return { lines: [text], exit: code, after, ports: [] }
}

/** An error of its `Run`, as component-base logs it. Upstream: component-base/cli/run.go */
export function commandFailed(error: string, after: Micros = 300_000): LaunchVerdict {
  return fails(`E$HEAD run.go:72] "command failed" err=${goQuote(error)}`, after)
}

/** It goes on without ever coming to its work, and says why again and again. */
export function hangs(lines: readonly string[], again: string, ports: readonly number[], every: Micros = 4 * SECOND): LaunchVerdict {
  return { lines: [...lines, again], again, every, exit: -1, after: 0, ports }
}

/** The error of opening a file that is not there, or what is wrong with a certificate or a key in it; undefined: it is all right. */
export function pemProblem(launch: Launch, path: string, kind: 'CERTIFICATE' | 'KEY'): string | undefined {
  const text = launch.read(path)
  if (text === undefined) return `open ${path}: no such file or directory`
  const good = kind === 'CERTIFICATE' ? text.includes('-----BEGIN CERTIFICATE-----') : /-----BEGIN [A-Z ]*KEY-----/.test(text)
  if (good) return undefined
  return kind === 'CERTIFICATE' ? 'data does not contain any valid RSA or ECDSA certificates' : 'data does not contain any valid RSA or ECDSA private keys'
}

/** The port that a component serves its health at. */
export function securePort(line: CommandLine, otherwise: number): number {
  return Number(line.values.get('secure-port') ?? otherwise)
}
