import { ensureInstalled } from './install.mjs'
import { node } from './root.mjs'

// npm run dev: the page from its sources, reloaded on each change. npm run build: the page into dist/.
await ensureInstalled()
process.exitCode = await node('vite/bin/vite.js', process.argv.slice(2))
