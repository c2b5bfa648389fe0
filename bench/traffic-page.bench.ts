import { withPage, type Measured } from './browser'

export const name = 'the page under 10,000 requests a second'

/**
 * Main-thread cost of requests on the map, in Chromium against the built page at real time × 1: with about 1,000 in flight as dots (target: under
 * 4 ms to draw a picture), and with 10,000 a second, drawn as flows by width. Long tasks and the busy share of the main thread beside it.
 */
export function run(): Promise<Record<string, unknown>> {
  return withPage(4318, '/?seed=1', async (measured) => {
    const { page, speed, play } = measured
    await page.getByRole('button', { name: /^Web server/ }).first().click()
    await speed('10× real time')
    await play()
    await page.getByText('3/3').first().waitFor({ timeout: 60_000 })
    await speed('1× real time')
    const dots = await measure(measured, 1100)
    const flows = await measure(measured, 10_000)
    return { dots, flows, target: 'under 4 ms a picture with 1,000 in flight' }
  })
}

/** Sends at a rate for some seconds and measures the last of them. */
async function measure({ page, busy, longTasks }: Measured, rate: number): Promise<Record<string, unknown>> {
  const tools = page.getByRole('region', { name: 'Tools' })
  await tools.getByRole('button', { name: 'Generate load' }).click()
  const dialog = page.getByRole('dialog', { name: 'Generate load' })
  await dialog.getByLabel('From', { exact: true }).selectOption('node/node-1')
  await dialog.getByLabel(/^To, name/).fill((await dialog.locator('datalist option').first().getAttribute('value')) ?? '')
  await dialog.getByLabel('Requests a second').fill(String(rate))
  await dialog.getByRole('button', { name: 'Start' }).click()
  await page.waitForTimeout(3000)
  await longTasks()
  const measured = await busy()
  await page.waitForTimeout(6000)
  const { share } = await measured()
  const drawn = await page.locator('canvas.traffic-canvas').evaluate((canvas) => ({ ...canvas.dataset }))
  const tasks = await longTasks()
  await tools.getByRole('button', { name: /^Stop load-/ }).first().click()
  await page.waitForTimeout(1200)
  const [as, dots] = (drawn.drawn ?? '').split(' ')
  return { rate, as, dots: Number(dots), msToDraw: Number(drawn.paintMs), mainThreadBusy: share, longTasks: tasks }
}
