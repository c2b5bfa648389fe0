import { ensureInstalled } from './install.mjs'
import { node, root } from './root.mjs'
import { createStaticServer, listen } from './serve.mjs'

// npm start: from a fresh clone to a page on a local port. PORT and HOST choose another place.
await ensureInstalled()
const code = await node('vite/bin/vite.js', ['build', '--logLevel', 'warn'])
if (code !== 0) process.exit(code)

const host = process.env.HOST ?? '127.0.0.1'
const server = createStaticServer(`${root}dist`)
const port = await listen(server, Number(process.env.PORT ?? 4173), { host, tries: 100 })
console.log(`\n  Kubeloop runs at http://${host}:${port}/\n  Ctrl-C ends it.\n`)

const stop = () => {
  server.close()
  server.closeAllConnections()
}
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, stop)
// npm's shell does not pass a SIGTERM on: without this the server would outlive an ended `npm start` and keep the port.
const parent = process.ppid
if (process.env.npm_lifecycle_event === 'start') setInterval(() => process.ppid !== parent && stop(), 500).unref()
