import { withPage } from './browser'

export const name = 'the page while 1,000 pods start'

/**
 * Main-thread tasks over 50 ms (Long Tasks API) in Chromium, against the built page, while a Deployment of 1,000 replicas comes up on 50 nodes
 * at real time × 10: from the command to all Ready. Also how much of the time the main thread was busy. Target: no long task.
 */
export function run(): Promise<Record<string, unknown>> {
  return withPage(4317, '/?preset=bench-50&seed=1', async ({ page, longTasks, busy, speed, play }) => {
    await page.getByText(/^50 nodes/).first().waitFor()
    await page.waitForTimeout(2000)
    const whileLoading = await longTasks()
    const measured = await busy()
    await speed('10× real time')
    await page.getByRole('tab', { name: 'Terminal' }).click()
    const line = page.getByRole('textbox', { name: /command|kubectl/i })
    await line.fill('kubectl create deployment web --image=nginx:1.27 --replicas=1000')
    await line.press('Enter')
    await play()
    await page.getByText('1000/1000').first().waitFor({ timeout: 120_000 })
    const { share, seconds } = await measured()
    return { longTasks: await longTasks(), whileLoading, wallSeconds: seconds, mainThreadBusy: share, target: 'no task over 50 ms' }
  })
}
