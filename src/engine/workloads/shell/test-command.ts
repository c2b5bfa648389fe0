import type { Files } from '../files'
import { absolute } from './path'
import type { ShellState } from './state'

/** `test` and `[`: files, texts, numbers, !, -a, -o. */
export function testExpression(files: Pick<Files, 'get' | 'has' | 'keys'>, at: Pick<ShellState, 'cwd' | 'root'>, args: readonly string[]): boolean {
  const or = args.findIndex((a) => a === '-o' || a === '||')
  if (or > 0) return testExpression(files, at, args.slice(0, or)) || testExpression(files, at, args.slice(or + 1))
  const and = args.findIndex((a, i) => (a === '-a' && i > 0) || a === '&&')
  if (and > 0) return testExpression(files, at, args.slice(0, and)) && testExpression(files, at, args.slice(and + 1))
  if (args[0] === '!') return !testExpression(files, at, args.slice(1))
  if (args.length === 0) return false
  if (args.length === 1) return args[0] !== ''
  const [a = '', b = '', c = ''] = args
  if (args.length === 2) {
    const path = absolute(at, b)
    switch (a) {
      case '-n': return b !== ''
      case '-z': return b === ''
      case '-d': return isDirectory(files, path)
      case '-f': return files.has(path)
      case '-s': return (files.get(path) ?? '') !== ''
      case '-e':
      case '-r':
      case '-w':
      case '-x': return files.has(path) || isDirectory(files, path)
      default: return true
    }
  }
  switch (b) {
    case '=':
    case '==': return a === c
    case '!=': return a !== c
    case '-eq': return Number(a) === Number(c)
    case '-ne': return Number(a) !== Number(c)
    case '-lt': return Number(a) < Number(c)
    case '-le': return Number(a) <= Number(c)
    case '-gt': return Number(a) > Number(c)
    case '-ge': return Number(a) >= Number(c)
    default: return false
  }
}

const systemDirectories = new Set(['/', '/bin', '/dev', '/etc', '/home', '/lib', '/opt', '/proc', '/root', '/run', '/sbin', '/sys', '/tmp', '/usr', '/var'])

/** Whether a path is a directory: one of every image's, one that was made, or one with files in it. */
export function isDirectory(files: Pick<Files, 'get' | 'has' | 'keys'>, path: string): boolean {
  if (systemDirectories.has(path) || files.has(`${path}/`)) return true
  for (const f of files.keys()) if (f.startsWith(`${path}/`)) return true
  return false
}
