import { spawn } from 'node:child_process'
import { chromium, type Page } from '@playwright/test'

export const name = 'the page under 10,000 requests a second'

/**
 * Main-thread cost of requests on the map, in Chromium against the built page at real time × 1: with about 1,000 in flight as dots (target: under
 * 4 ms to draw a picture), and with 10,000 a second, drawn as flows by width. Long tasks and the busy share of the main thread beside it.
 */
export async function run(): Promise<Record<string, unknown>> {
  const { findChromium } = (await import(`${process.cwd()}/scripts/chromium.mjs`)) as { findChromium: () => Promise<string | undefined> }
  const port = 4318
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
        await page.goto(`http://127.0.0.1:${port}/?seed=1`)
        break
      } catch (error) {
        if (i > 50) throw error
        await new Promise((done) => setTimeout(done, 100))
      }
    const transport = page.getByRole('toolbar', { name: 'Transport' })
    const speed = async (label: string) => {
      await transport.getByRole('button', { name: /^Speed/ }).click()
      await page.getByRole('menuitemradio', { name: label, exact: true }).click()
    }
    await page.getByRole('button', { name: /^Web server/ }).first().click()
    await speed('10× real time')
    await transport.getByRole('button', { name: 'Play' }).click()
    await page.getByText('3/3').first().waitFor({ timeout: 60_000 })
    await speed('1× real time')
    const dots = await measure(page, 1100)
    const flows = await measure(page, 10_000)
    return { dots, flows, target: 'under 4 ms a picture with 1,000 in flight' }
  } finally {
    await browser.close()
    server.kill()
  }
}

/** Sends at a rate for some seconds and measures the last of them. */
async function measure(page: Page, rate: number): Promise<Record<string, unknown>> {
  const tools = page.getByRole('region', { name: 'Tools' })
  await tools.getByRole('button', { name: 'Generate load' }).click()
  const dialog = page.getByRole('dialog', { name: 'Generate load' })
  await dialog.getByLabel('From', { exact: true }).selectOption('node/node-1')
  await dialog.getByLabel(/^To, name/).fill((await dialog.locator('datalist option').first().getAttribute('value')) ?? '')
  await dialog.getByLabel('Requests a second').fill(String(rate))
  await dialog.getByRole('button', { name: 'Start' }).click()
  await page.waitForTimeout(3000)
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('Performance.enable')
  const busy = async () => (await cdp.send('Performance.getMetrics')).metrics.find((m) => m.name === 'TaskDuration')?.value ?? 0
  await page.evaluate(() => (window as unknown as { longTasks: number[] }).longTasks.splice(0))
  const [before, began] = [await busy(), Date.now()]
  await page.waitForTimeout(6000)
  const share = ((await busy()) - before) / ((Date.now() - began) / 1000)
  const drawn = await page.locator('canvas.traffic-canvas').evaluate((canvas) => ({ ...canvas.dataset }))
  const longTasks = await page.evaluate(() => (window as unknown as { longTasks: number[] }).longTasks)
  await tools.getByRole('button', { name: /^Stop load-/ }).first().click()
  await page.waitForTimeout(1200)
  const [inFlight, dots] = (drawn.drawn ?? '0 0').split(' ').map(Number)
  return { rate, inFlight, dots, msToDraw: Number(drawn.paintMs), mainThreadBusy: Math.round(1000 * share) / 1000, longTasks }
}
