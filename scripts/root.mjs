import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The repository's root folder; every script works from there. */
export const root = fileURLToPath(new URL('..', import.meta.url))

/** A folder for what can be made again; `npm ci` empties it. */
export function cacheDir() {
  const dir = `${root}node_modules/.cache/kubeloop`
  mkdirSync(dir, { recursive: true })
  return dir
}

/** Runs a program in the root folder with our stdin, stdout and stderr; resolves to its exit code. */
export function run(program, args, options = {}) {
  return new Promise((done, failed) => {
    const child = spawn(program, args, { cwd: root, stdio: 'inherit', ...options })
    child.on('error', failed)
    child.on('exit', (code, signal) => done(code ?? (signal === 'SIGINT' ? 130 : 1)))
  })
}

/** Runs a JavaScript program of an installed package, e.g. `node('vite/bin/vite.js', ['build'])`. */
export function node(file, args, options) {
  return run(process.execPath, [`node_modules/${file}`, ...args], options)
}
