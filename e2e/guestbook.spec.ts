import { expect, test } from '@playwright/test'
import { Kubeloop, guestbook, guestbookPods } from './page'

test('the guestbook is pasted, applied, and all its pods run', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const app = await new Kubeloop(page).open()
  await app.dockTab('YAML')
  await page.evaluate((text) => navigator.clipboard.writeText(text), guestbook)
  await page.getByLabel('Manifests').focus()
  await page.keyboard.press('ControlOrMeta+V')
  await page.keyboard.press('ControlOrMeta+Enter')
  await app.view('List')
  await app.runUntil('10× real time', async () => {
    await expect(app.result).toContainText('deployment.apps/frontend created')
    await app.expectRunning('(frontend|redis)', guestbookPods)
  })
  const pods = await app.pods('(frontend|redis)')
  expect(pods.filter(({ name }) => name.startsWith('frontend-'))).toHaveLength(3)
  expect(new Set(pods.map(({ ip }) => ip)).size).toBe(guestbookPods)
  await expect(app.list.getByRole('button', { name: 'Service frontend, 3 of 3 endpoints ready' })).toBeVisible()
})

test('files dropped on the page are taken in', async ({ page }) => {
  const app = await new Kubeloop(page).open()
  const files = await page.evaluateHandle(() => {
    const data = new DataTransfer()
    for (const name of ['one', 'two']) data.items.add(new File([`apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`], `${name}.yaml`))
    return data
  })
  await page.dispatchEvent('body', 'dragenter', { dataTransfer: files })
  await expect(page.getByText('Drop manifests to apply them')).toBeVisible()
  await page.dispatchEvent('body', 'drop', { dataTransfer: files })
  const dialog = page.getByRole('dialog', { name: 'Apply YAML' })
  await expect.poll(() => app.manifests()).toMatch(/name: one\n---\n[^]*name: two/)
  await dialog.getByRole('button', { name: 'Apply', exact: true }).click()
  await dialog.getByRole('button', { name: 'Play' }).click()
  await expect(dialog.getByLabel('Result')).toContainText('configmap/two created')
  await dialog.getByRole('button', { name: 'Close' }).click()
  await app.view('List')
  await expect(app.list.getByRole('button', { name: 'ConfigMap one', exact: true })).toBeVisible()
})
