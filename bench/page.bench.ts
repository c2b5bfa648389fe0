import { spawn } from 'node:child_process'
import { chromium } from '@playwright/test'

export const name = 'the page while 1,000 pods start'

/**
 * Main-thread tasks over 50 ms (Long Tasks API) in Chromium, against the built page, while a Deployment of 1,000 replicas comes up on 50 nodes
 * at real time × 10: from the command to all Ready. Also how much of the time the main thread was busy. Target: no long task.
 */
export async function run(): Promise<Record<string, unknown>> {
  // From the project's root, where scripts/bench.mjs runs: the bundle lies elsewhere.
  const { findChromium } = (await import(`${process.cwd()}/scripts/chromium.mjs`)) as { findChromium: () => Promise<string | undefined> }
  const port = 4317
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
        await page.goto(`http://127.0.0.1:${port}/?preset=bench-50&seed=1`)
        break
      } catch (error) {
        if (i > 50) throw error
        await new Promise((done) => setTimeout(done, 100))
      }
    await page.getByText(/^50 nodes/).first().waitFor()
    await page.waitForTimeout(2000)
    const cdp = await page.context().newCDPSession(page)
    await cdp.send('Performance.enable')
    const busy = async () => (await cdp.send('Performance.getMetrics')).metrics.find((m) => m.name === 'TaskDuration')?.value ?? 0
    const loading = await page.evaluate(() => (window as unknown as { longTasks: number[] }).longTasks.splice(0))
    const [before, began] = [await busy(), Date.now()]
    const transport = page.getByRole('toolbar', { name: 'Transport' })
    await transport.getByRole('button', { name: /^Speed/ }).click()
    await page.getByRole('menuitemradio', { name: '10× real time', exact: true }).click()
    await page.getByRole('tab', { name: 'Terminal' }).click()
    const line = page.getByRole('textbox', { name: /command|kubectl/i })
    await line.fill('kubectl create deployment web --image=nginx:1.27 --replicas=1000')
    await line.press('Enter')
    const play = transport.getByRole('button', { name: 'Play' })
    if (await play.isVisible()) await play.click()
    await page.getByText('1000/1000').first().waitFor({ timeout: 120_000 })
    const seconds = (Date.now() - began) / 1000
    const longTasks = await page.evaluate(() => (window as unknown as { longTasks: number[] }).longTasks)
    return { longTasks, whileLoading: loading, wallSeconds: seconds, mainThreadBusy: Math.round((1000 * ((await busy()) - before)) / seconds) / 1000, target: 'no task over 50 ms' }
  } finally {
    await browser.close()
    server.kill()
  }
}
