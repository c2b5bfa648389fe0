import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { root } from './root.mjs'

// What a visitor downloads before the first picture, in kB (1000 bytes) after gzip; and, because they follow at once, the
// engine and kubectl. Other lazy chunks are not counted.
const budgets = { 'initial JavaScript': 230, worker: 150, CSS: 20, 'engine (after the first picture)': 525, 'kubectl (after the engine)': 150, 'editor (when it is opened)': 130 }

const dist = `${root}dist/`
const manifest = JSON.parse(readFileSync(`${dist}.vite/manifest.json`, 'utf8'))
const initial = new Set()
const css = new Set()
const visit = (key) => {
  const chunk = manifest[key]
  if (initial.has(chunk.file)) return
  initial.add(chunk.file)
  for (const file of chunk.css ?? []) css.add(file)
  for (const imported of chunk.imports ?? []) visit(imported)
}
for (const [key, chunk] of Object.entries(manifest)) if (chunk.isEntry) visit(key)
// Vite does not list workers in the manifest; bridge/worker.ts becomes assets/worker-<hash>.js.
const workers = readdirSync(`${dist}assets`).filter((file) => /^worker-.*\.js$/.test(file)).map((file) => `assets/${file}`)
if (workers.length === 0 && existsSync(`${root}src/bridge/worker.ts`)) throw new Error('no assets/worker-*.js in dist: the budget would measure nothing')

const named = (pattern) => readdirSync(`${dist}assets`).filter((file) => pattern.test(file)).map((file) => `assets/${file}`)
/** Chunks with a module of this package in them. */
const holding = (name) => readdirSync(`${dist}assets`).filter((file) => file.endsWith('.js.map') && JSON.parse(readFileSync(`${dist}assets/${file}`, 'utf8')).sources.some((source) => source.includes(`node_modules/${name}/`))).map((file) => `assets/${file.slice(0, -4)}`)
/** These chunks and those that they import at once, but for what is there already. */
const withImports = (files, known) => {
  const all = new Set()
  const add = (file) => {
    if (known.has(file) || all.has(file)) return
    all.add(file)
    for (const [, imported] of readFileSync(dist + file, 'utf8').matchAll(/(?:from|import)\s*["']\.\/([\w.-]+\.js)["']/g)) add(`assets/${imported}`)
  }
  files.forEach(add)
  return all
}
const engine = withImports(named(/^(driver|schema)-.*\.js$/), new Set(workers))
const groups = {
  'initial JavaScript': initial,
  worker: workers,
  CSS: css,
  'engine (after the first picture)': engine,
  'kubectl (after the engine)': withImports(named(/^kubectl-.*\.js$/), new Set([...workers, ...engine])),
  'editor (when it is opened)': holding('@codemirror/view'),
}
let failed = false
for (const [name, files] of Object.entries(groups)) {
  const size = [...files].reduce((sum, file) => sum + gzipSync(readFileSync(dist + file), { level: 9 }).length, 0) / 1000
  const fits = size <= budgets[name]
  failed ||= !fits
  console.log(`${fits ? '✓' : '✗'} ${name}: ${size.toFixed(1)} of ${budgets[name]} kB`)
}
if (failed) process.exitCode = 1
