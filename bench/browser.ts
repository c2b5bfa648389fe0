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

/** A page without the app, with a script of benches in it. */
export interface BenchPage {
  /** Runs an expression in the page until its promise is kept. Units: CPU seconds of the page's process, all threads. */
  cpuSeconds(expression: string): Promise<number>
  close(): Promise<void>
}

/** Bundles a script for pages, starts Chromium, lets `work` open pages with the script in them, each in a process of its own, and closes all. */
export async function inChromium<T>(script: string, folders: readonly string[], work: (open: () => Promise<BenchPage>) => Promise<T>): Promise<T> {
  const { bundle } = (await import(`${process.cwd()}/scripts/bundle.mjs`)) as { bundle: (entry: string, folders: readonly string[], platform: 'browser') => Promise<string> }
  const path = await bundle(script, folders, 'browser')
  const browser = await launch()
  try {
    const cdp = await browser.newBrowserCDPSession()
    const used = async () => (await cdp.send('SystemInfo.getProcessInfo')).processInfo.filter((p) => p.type === 'renderer').reduce((sum, p) => sum + p.cpuTime, 0)
    return await work(async () => {
      const page = await (await browser.newContext()).newPage()
      page.setDefaultTimeout(0)
      await page.addScriptTag({ path })
      return {
        cpuSeconds: async (expression) => {
          const before = await used()
          await page.evaluate(expression)
          return Math.round(1000 * ((await used()) - before)) / 1000
        },
        close: () => page.context().close(),
      }
    })
  } finally {
    await browser.close()
  }
}

async function launch() {
  // From the project's root, where scripts/bench.mjs runs: the bundle lies elsewhere.
  const { findChromium } = (await import(`${process.cwd()}/scripts/chromium.mjs`)) as { findChromium: () => Promise<string | undefined> }
  const executablePath = await findChromium()
  return chromium.launch({ ...(executablePath ? { executablePath } : {}), args: ['--no-sandbox'] })
}

/** Serves the built page, opens it in Chromium, lets `work` measure, and closes both. */
export async function withPage<T>(port: number, path: string, work: (measured: Measured) => Promise<T>): Promise<T> {
  const server = spawn(process.execPath, ['scripts/serve.mjs', String(port)], { stdio: 'ignore' })
  const browser = await launch()
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
