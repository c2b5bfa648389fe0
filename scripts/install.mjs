import { readFileSync } from 'node:fs'
import { root, run } from './root.mjs'

/**
 * Makes node_modules be what package-lock.json says; does nothing (in milliseconds) when it already is.
 * npm writes down what it has installed in node_modules/.package-lock.json, at the very end, so a comparison with
 * that record also notices a pull that changed dependencies and an install that broke off.
 */
export async function ensureInstalled() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) throw new Error(`Kubeloop needs Node 20.19 or newer, this is ${process.version}.`)
  if (isInstalled(packagesOf('package-lock.json'), packagesOf('node_modules/.package-lock.json'))) return
  console.error('Installing dependencies …')
  // npm's own words go to stderr: what a script prints on stdout may be JSON.
  const stdio = ['ignore', process.stderr, process.stderr]
  const npm = process.env.npm_execpath
  const code = npm
    ? await run(process.execPath, [npm, 'ci', '--include=dev'], { stdio })
    : await run('npm', ['ci', '--include=dev'], { stdio, shell: process.platform === 'win32' })
  if (code !== 0) throw new Error('npm ci failed, see above.')
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(root + file, 'utf8')).packages ?? {}
  } catch {
    return {}
  }
}

/** Is each locked package installed in that version? Optional ones (binaries of other platforms) may be absent. */
export function isInstalled(locked, installed) {
  return Object.entries(locked).every(([path, want]) => {
    const has = installed[path]
    return path === '' || (has ? has.version === want.version && has.integrity === want.integrity : want.optional)
  })
}
