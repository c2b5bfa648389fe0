import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { completeLockfile } from './complete-lockfile.mjs'
import { isInstalled } from './install.mjs'
import { createStaticServer, listen } from './serve.mjs'

describe('the lockfile', () => {
  test('names the optional packages of every platform, so that npm ci accepts it', () => {
    const lock = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'))
    expect(completeLockfile(lock)).toBe(0)
  })

  test('is installed when every required package is there in its version', () => {
    const locked = { '': {}, 'node_modules/a': { version: '1.0.0', integrity: 'x' }, 'node_modules/b': { version: '1.0.0', optional: true } }
    expect(isInstalled(locked, { 'node_modules/a': { version: '1.0.0', integrity: 'x' } })).toBe(true)
    expect(isInstalled(locked, { 'node_modules/a': { version: '1.1.0', integrity: 'y' } })).toBe(false)
    expect(isInstalled(locked, {})).toBe(false)
  })
})

describe('the static server', () => {
  const dir = mkdtempSync(join(tmpdir(), 'kubeloop-serve-'))
  const server = createStaticServer(join(dir, 'dist'))
  let port = 0

  beforeAll(async () => {
    mkdirSync(join(dir, 'dist/assets'), { recursive: true })
    writeFileSync(join(dir, 'dist/index.html'), '<title>page</title>')
    writeFileSync(join(dir, 'dist/assets/a.js'), '1')
    writeFileSync(join(dir, 'secret.txt'), 'secret')
    port = await listen(server, 4300, { tries: 100 })
  })
  afterAll(() => {
    server.close()
    rmSync(dir, { recursive: true })
  })

  /** The raw path, unlike fetch, which would tidy `..` away. */
  const get = (path: string) =>
    new Promise<{ status: number | undefined; type: string | undefined; body: string }>((done, failed) => {
      request({ port, path, host: '127.0.0.1' }, (response) => {
        let body = ''
        response.on('data', (part) => (body += String(part)))
        response.on('end', () => done({ status: response.statusCode, type: response.headers['content-type'], body }))
      })
        .on('error', failed)
        .end()
    })

  test('answers with files and their types, and with the page for a path of its own', async () => {
    expect(await get('/')).toEqual({ status: 200, type: 'text/html; charset=utf-8', body: '<title>page</title>' })
    expect(await get('/assets/a.js')).toEqual({ status: 200, type: 'text/javascript; charset=utf-8', body: '1' })
    expect((await get('/lessons?x=1')).body).toBe('<title>page</title>')
    expect((await get('/missing.js')).status).toBe(404)
  })

  test('serves nothing outside of its folder', async () => {
    for (const path of ['/../secret.txt', '/..%2fsecret.txt', '/%2e%2e/secret.txt', '/assets/../../secret.txt', '/..%5csecret.txt', '/%00', '/%zz'])
      expect((await get(path)).body).not.toContain('secret')
  })

  test('takes the next port when one is taken', async () => {
    const other = createStaticServer(dir)
    expect(await listen(other, port, { tries: 5 })).toBeGreaterThan(port)
    other.close()
  })
})
