import { expect, test } from '@playwright/test'
import { Kubeloop } from './page'

test('the inspector tells phase, container and STATUS apart, and why a pod is as it is', async ({ page }) => {
  const app = await new Kubeloop(page).open()
  await app.view('List')
  await app.runUntil('10× real time', async () => {
    await app.command('kubectl create deployment web --image=nginx')
    await app.expectRunning('web-', 1)
  })
  const [pod] = await app.pods('web-')
  await app.list.getByRole('button', { name: /^Pod web-/ }).click()
  for (const field of ['Phase', 'Container', 'kubectl STATUS']) await expect(app.inspector.getByText(field, { exact: true }).first()).toBeVisible()
  await expect(app.inspector.getByRole('button', { name: pod?.node ?? '' })).toBeVisible()

  await app.inspector.getByRole('tab', { name: 'YAML' }).click()
  await expect(app.inspector.getByLabel('The object as YAML')).toContainText(`name: ${pod?.name}`)
  await expect(app.inspector.getByLabel('The object as YAML')).toContainText(`podIP: ${pod?.ip}`)

  await app.inspector.getByRole('tab', { name: 'Events' }).click()
  await expect(app.inspector.getByText(`Successfully assigned default/${pod?.name} to ${pod?.node}`)).toBeVisible()

  await app.inspector.getByRole('tab', { name: 'Decision' }).click()
  await expect(app.inspector.getByRole('heading', { name: `Why ${pod?.node}?` })).toBeVisible()
  await expect(app.inspector.getByText(/TaintToleration: node\(s\) had untolerated taint/)).toBeVisible()

  await app.inspector.getByRole('tab', { name: 'Why' }).click()
  const links = app.inspector.getByRole('listitem')
  await expect(links.first()).toContainText(`kubelet on ${pod?.node} writes the status of pod ${pod?.name}`)
  await expect(links.last()).toContainText('kubectl create deployment web')
  const step = await page.getByRole('slider', { name: 'Playhead' }).getAttribute('aria-valuenow')
  await links.last().getByRole('button').click()
  await expect(page.getByRole('button', { name: `Back to step ${step}` })).toBeVisible()
  await page.getByRole('button', { name: `Back to step ${step}` }).click()
  await expect(page.getByRole('slider', { name: 'Playhead' })).toHaveAttribute('aria-valuenow', step ?? '')
})
