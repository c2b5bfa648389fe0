import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * The path of a Chromium to test with, or undefined when this machine has none:
 * CHROMIUM_BIN, else one on the PATH, else the one that Playwright has downloaded.
 */
export async function findChromium() {
  if (process.env.CHROMIUM_BIN) return process.env.CHROMIUM_BIN
  for (const name of ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']) {
    const found = onPath(name)
    if (found) return found
  }
  const { chromium } = await import('@playwright/test')
  const own = chromium.executablePath()
  return own && existsSync(own) ? own : undefined
}

/** Like findChromium, but installs one when there is none. Throws with advice when that fails too. */
export async function ensureChromium() {
  let found = await findChromium()
  if (!found && process.getuid?.() === 0 && onPath('apt-get')) {
    console.log('No Chromium here; asking apt-get for one …') // it brings the system libraries with it, a bare download does not
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'chromium', 'fonts-liberation']])
      spawnSync('apt-get', ['-qq', ...args], { stdio: ['ignore', 'inherit', 'inherit'], env })
    found = await findChromium()
  }
  if (!found) {
    console.log('No Chromium here; asking Playwright for one …')
    const env = { PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: '15000', ...process.env }
    spawnSync(process.execPath, ['node_modules/@playwright/test/cli.js', 'install', 'chromium'], { stdio: 'inherit', env })
    found = await findChromium()
  }
  if (!found) throw new Error('The browser tests need Chromium: install it (Debian: apt-get install chromium) or set CHROMIUM_BIN to its path.')
  return found
}

function onPath(name) {
  for (const dir of (process.env.PATH ?? '').split(delimiter)) {
    const file = join(dir, name)
    try {
      accessSync(file, constants.X_OK)
      return file
    } catch {}
  }
  return undefined
}
