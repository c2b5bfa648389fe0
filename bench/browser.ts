import { spawn } from 'node:child_process'
import { chromium, type Page } from '@playwright/test'

/** A built page in Chromium with what is measured of it. */
export interface Measured {
  readonly page: Page
  /** Lengths of the main thread's tasks over 50 ms since the last call. Units: ms. */
  longTasks(): Promise<readonly number[]>
  /** Begins to measure how busy the main thread is; the answer is its share of the time since, and the seconds that passed. */
  busy(): Promise<() => Promise<{ readonly share: number; readonly seconds: number }>>
  /** Chooses a speed by its name. */
  speed(label: string): Promise<void>
  readonly play: () => Promise<void>
}

/** Serves the built page, opens it in Chromium, lets `work` measure, and closes both. */
export async function withPage<T>(port: number, path: string, work: (measured: Measured) => Promise<T>): Promise<T> {
  // From the project's root, where scripts/bench.mjs runs: the bundle lies elsewhere.
  const { findChromium } = (await import(`${process.cwd()}/scripts/chromium.mjs`)) as { findChromium: () => Promise<string | undefined> }
  const server = spawn(process.execPath, ['scripts/serve.mjs', String(port)], { stdio: 'ignore' })
  const executablePath = await findChromium()
  const browser = await chromium.launch({ ...(executablePath ? { executablePath } : {}), args: ['--no-sandbox'] })
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    await page.addInitScript(() => {
      const w = window as unknown as { longTasks: number[] }
      w.longTasks = []
      new PerformanceObserver((list) => w.longTasks.push(...list.getEntries().map((e) => Math.round(e.duration)))).observe({ type: 'longtask', buffered: false })
    })
    for (let i = 0; ; i++)
      try {
        await page.goto(`http://127.0.0.1:${port}${path}`)
        break
      } catch (error) {
        if (i > 50) throw error
        await new Promise((done) => setTimeout(done, 100))
      }
    const transport = page.getByRole('toolbar', { name: 'Transport' })
    const cdp = await page.context().newCDPSession(page)
    await cdp.send('Performance.enable')
    const worked = async () => (await cdp.send('Performance.getMetrics')).metrics.find((m) => m.name === 'TaskDuration')?.value ?? 0
    return await work({
      page,
      longTasks: () => page.evaluate(() => (window as unknown as { longTasks: number[] }).longTasks.splice(0)),
      busy: async () => {
        const [before, began] = [await worked(), Date.now()]
        return async () => {
          const seconds = (Date.now() - began) / 1000
          return { share: Math.round((1000 * ((await worked()) - before)) / seconds) / 1000, seconds }
        }
      },
      speed: async (label) => {
        await transport.getByRole('button', { name: /^Speed/ }).click()
        await page.getByRole('menuitemradio', { name: label, exact: true }).click()
      },
      play: async () => {
        const play = transport.getByRole('button', { name: 'Play' })
        if (await play.isVisible()) await play.click()
      },
    })
  } finally {
    await browser.close()
    server.kill()
  }
}
