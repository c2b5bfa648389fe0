import { expect, test } from '@playwright/test'
import { Kubeloop } from './page'

test('the help says what this model leaves out', async ({ page }) => {
  await new Kubeloop(page).open()
  await page.keyboard.press('?')
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).getByRole('button', { name: 'What this model leaves out' }).click()
  const dialog = page.getByRole('dialog', { name: 'What this model leaves out' })
  for (const name of ['kubectl', 'kube-apiserver', 'etcd', 'kube-scheduler', 'kubelet', 'CoreDNS']) await expect(dialog.getByRole('heading', { name: new RegExp(`^${name}`) }).first()).toBeVisible()
  await dialog.getByRole('searchbox', { name: 'Find' }).fill('learners')
  await expect(dialog.getByRole('heading', { level: 3 })).toHaveText([/^etcd/])
  await dialog.getByRole('button', { name: 'Close' }).click()
  await page.getByRole('button', { name: 'Cluster', exact: true }).click()
  await page.getByRole('menuitem', { name: 'What this model leaves out' }).click()
  await expect(dialog).toBeVisible()
})
