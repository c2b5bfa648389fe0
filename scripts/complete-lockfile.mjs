import { readFileSync, writeFileSync } from 'node:fs'
import { root } from './root.mjs'

/**
 * Adds to a lockfile the optional per-platform packages that npm left out; returns how many were missing.
 * A registry mirror that lacks the binaries of other platforms makes `npm install` write a lockfile without them,
 * and `npm ci` then refuses that lockfile everywhere. Their versions are exact in the parent and os, cpu and libc
 * are in their names, so the entries can be written without asking the registry.
 * Use: node scripts/complete-lockfile.mjs (after each npm install <package>).
 */
export function completeLockfile(lock) {
  let added = 0
  for (const parent of Object.values({ ...lock.packages })) {
    for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
      const path = `node_modules/${name}`
      if (lock.packages[path]) continue
      const platform = platformOf(name)
      if (!platform) throw new Error(`${name}: cannot tell its platform by its name`)
      lock.packages[path] = { version, ...platform, dev: true, optional: true }
      added++
    }
  }
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)))
  return added
}

function platformOf(name) {
  const words = name.split(/[/-]/)
  const cpu = words.find((w) => ['x64', 'arm64', 'arm', 'ia32', 'ppc64', 'riscv64', 's390x', 'loong64', 'wasm32'].includes(w))
  const os = words.find((w) => ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'].includes(w))
  if (!cpu || !(os || cpu === 'wasm32')) return undefined
  const libc = os === 'linux' ? (name.includes('musl') ? 'musl' : 'glibc') : undefined
  return { cpu: [cpu], ...(libc && name.match(/gnu|musl/) ? { libc: [libc] } : {}), ...(os ? { os: [os] } : {}) }
}

if (process.argv[1]?.endsWith('complete-lockfile.mjs')) {
  const file = `${root}package-lock.json`
  const lock = JSON.parse(readFileSync(file, 'utf8'))
  const added = completeLockfile(lock)
  if (added) writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
  console.log(`${added} entries added`)
}
