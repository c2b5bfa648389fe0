import { expect, test } from '@playwright/test'
import { Kubeloop } from './page'

test('a reload restores the session', async ({ page }) => {
  const app = await new Kubeloop(page).open()
  await app.view('List')
  await app.runUntil('10× real time', async () => {
    await app.command('kubectl create deployment web --image=nginx --replicas=2')
    await app.expectRunning('web-', 2)
  })
  const pods = await app.pods('web-')
  const now = await app.settledNow()
  await page.reload()
  await app.open('/')
  await app.view('List')
  await expect.poll(() => app.pods('web-')).toEqual(pods)
  expect(await app.settledNow()).toBe(now)
  await app.dockTab('Terminal')
  await expect(page.getByRole('log')).toContainText('$ kubectl create deployment web --image=nginx --replicas=2')
})

test('the cluster is reset after a question', async ({ page }) => {
  const app = await new Kubeloop(page).open()
  await app.view('List')
  await app.runUntil('10× real time', async () => {
    await app.command('kubectl create deployment web --image=nginx')
    await app.expectRunning('web-', 1)
  })
  await page.getByRole('button', { name: 'Cluster', exact: true }).click()
  await page.getByRole('menuitem', { name: /^Begin anew/ }).first().click()
  const dialog = page.getByRole('dialog', { name: 'Reset cluster' })
  await dialog.getByRole('button', { name: 'Reset cluster' }).click()
  await expect.poll(() => app.pods('web-')).toEqual([])
  expect(await app.now()).toBeLessThan(1)
})
