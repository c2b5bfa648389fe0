import { expect, test } from '@playwright/test'
import { Kubeloop } from './page'

test('without a scheduler a new pod stays Pending; with it again it runs', async ({ page }) => {
  const app = await new Kubeloop(page).open()
  await app.view('List')
  await app.list.getByRole('button', { name: /^kube-scheduler,/ }).click()
  await app.inspector.getByRole('button', { name: 'Stop' }).click()
  await expect(app.list.getByRole('button', { name: 'kube-scheduler, Stopped' })).toBeVisible()
  await app.speed('100× real time')
  await app.play()
  await app.command('kubectl create deployment web --image=nginx')
  await expect.poll(() => app.pods('web-')).toHaveLength(1)
  const began = await app.now()
  await expect.poll(() => app.now(), { timeout: 10_000 }).toBeGreaterThan(began + 120)
  expect(await app.pods('web-')).toMatchObject([{ status: 'Pending', node: null }])

  await app.inspector.getByRole('button', { name: 'Start' }).click()
  await app.expectRunning('web-', 1)
})
