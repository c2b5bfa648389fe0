import { pathToFileURL } from 'node:url'
import { bundle } from './bundle.mjs'
import { ensureInstalled } from './install.mjs'

// The same engine in Node: npm run --silent headless -- script.json
await ensureInstalled()
const { main } = await import(pathToFileURL(await bundle('src/hosts/headless.ts', ['src/engine', 'src/scenarios', 'src/lessons', 'src/bridge', 'src/hosts'])).href)
process.exitCode = await main(process.argv.slice(2)) // not process.exit(): a long report on stdout must get out first
