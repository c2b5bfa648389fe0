import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, resolve, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.yaml': 'text/yaml; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
}

/** Serves the files under `root` and nothing else. An unknown path without an extension is the page itself. */
export function createStaticServer(root) {
  root = resolve(root)
  return createServer((request, response) => void answer(root, request, response))
}

async function answer(root, request, response) {
  const fail = (status, text) => response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`)
  if (request.method !== 'GET' && request.method !== 'HEAD') return fail(405, 'Method not allowed')
  let path
  try {
    path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname)
  } catch {
    return fail(400, 'Bad request')
  }
  let file = resolve(join(root, path))
  if (path.includes('\0') || (file !== root && !file.startsWith(root + sep))) return fail(403, 'Forbidden')
  let info = await stat(file).catch(() => undefined)
  if (info?.isDirectory() || (!info && !extname(file))) {
    file = join(info ? file : root, 'index.html')
    info = await stat(file).catch(() => undefined)
  }
  if (!info?.isFile()) return fail(404, 'Not found')
  response.writeHead(200, {
    'content-type': types[extname(file)] ?? 'application/octet-stream',
    'content-length': info.size,
    'cache-control': path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
  })
  if (request.method === 'HEAD') response.end()
  else createReadStream(file).on('error', () => response.destroy()).pipe(response)
}

/** Listens on `port`, or on the next free one when `tries` allows; resolves to the port. */
export async function listen(server, port, { host = '127.0.0.1', tries = 1 } = {}) {
  for (let p = port; ; p++) {
    try {
      await new Promise((done, failed) => {
        server.once('error', failed)
        server.listen(p, host, () => (server.off('error', failed), done()))
      })
      return p
    } catch (error) {
      if (error.code !== 'EADDRINUSE' || p + 1 >= port + tries) throw error
    }
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const dist = fileURLToPath(new URL('../dist', import.meta.url))
  const port = await listen(createStaticServer(dist), Number(process.argv[2] ?? 4173))
  console.log(`http://127.0.0.1:${port}/`)
}
