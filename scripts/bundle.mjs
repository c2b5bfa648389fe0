import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { cacheDir, root } from './root.mjs'

/**
 * Bundles a TypeScript entry for Node (or, as one script, for a page) into the cache and returns the bundle's path. Reuses the last
 * bundle while no file of the given folders has changed (path, size and time), which takes milliseconds.
 */
export async function bundle(entry, folders, platform = 'node') {
  const name = basename(entry).replace(/\.ts$/, '')
  const dir = cacheDir()
  const file = join(dir, `${name}-${fingerprint(folders)}.mjs`)
  if (existsSync(file)) return file
  const { build } = await import('rolldown')
  const draft = `${file}.${process.pid}`
  await build({
    input: join(root, entry),
    platform,
    external: [/^playwright/, /^@playwright\//, /^rolldown/], // native parts; resolved from node_modules at run time
    moduleTypes: { '.yaml': 'text', '.md': 'text' },
    plugins: [rawText],
    logLevel: 'warn',
    output: { file: draft, format: platform === 'node' ? 'esm' : 'iife', codeSplitting: false },
  })
  for (const old of readdirSync(dir)) if (old.startsWith(`${name}-`) && old.endsWith('.mjs')) rmSync(join(dir, old), { force: true })
  renameSync(draft, file) // at once: two runs may build the same bundle
  return file
}

/** Vite's `import text from './file?raw'`. */
const rawText = {
  name: 'raw-text',
  async resolveId(id, importer) {
    if (!id.endsWith('?raw')) return null
    const found = await this.resolve(id.slice(0, -'?raw'.length), importer)
    return found && `${found.id}?raw`
  },
  load(id) {
    return id.endsWith('?raw') ? { code: `export default ${JSON.stringify(readFileSync(id.slice(0, -4), 'utf8'))}`, moduleType: 'js' } : null
  },
}

function fingerprint(folders) {
  const hash = createHash('sha256')
  const visit = (path) => {
    const info = statSync(path, { throwIfNoEntry: false })
    if (info?.isDirectory()) for (const entry of readdirSync(path).sort()) visit(join(path, entry))
    else if (info && !/\.test(ing)?\.tsx?$/.test(path)) hash.update(`${path} ${info.size} ${info.mtimeMs}\n`)
  }
  for (const folder of [...folders, 'package-lock.json', 'scripts/bundle.mjs']) visit(join(root, folder))
  return hash.digest('hex').slice(0, 16)
}
