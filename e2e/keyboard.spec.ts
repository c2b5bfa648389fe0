import { expect, test, type Page } from '@playwright/test'
import { Kubeloop } from './page'

/** Presses Tab until something with this name has the focus. */
async function tabTo(page: Page, name: RegExp, most = 80): Promise<void> {
  for (let i = 0; i < most; i++) {
    await page.keyboard.press('Tab')
    const label = await page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '')
    if (name.test(label)) return
  }
  throw new Error(`Tab never reached ${String(name)}`)
}

test('deploy, look, break, step and go back with the keyboard alone', async ({ page }) => {
  const app = await new Kubeloop(page).open()
  await page.keyboard.press('2')
  await expect(app.list).toBeVisible()
  await tabTo(page, /^Web server/)
  await page.keyboard.press('Enter')
  await page.keyboard.press('Escape')
  for (let i = 0; i < 6; i++) await page.keyboard.press('.')
  await expect(app.list.getByRole('button', { name: /^Deployment web,/ })).toBeVisible()

  await page.keyboard.press('/')
  await page.keyboard.type('node-3')
  await page.keyboard.press('Tab')
  await tabTo(page, /^Node node-3,/)
  await page.keyboard.press('Enter')
  await expect(app.inspector.getByRole('heading', { name: 'node-3' })).toBeVisible()
  await page.keyboard.press('k')
  await expect(app.list.getByRole('button', { name: /^Node node-3, Ready, powered off/ })).toBeVisible()
  await page.keyboard.press('m')
  await expect(app.list.getByRole('button', { name: /^Node node-3, NotReady/ })).toBeVisible()
  await page.keyboard.press(',')
  await expect(app.list.getByRole('button', { name: /^Node node-3, Ready, powered off/ })).toBeVisible()
  await page.keyboard.press('Shift+F10')
  await expect(page.getByRole('menuitem', { name: 'Power on' })).toBeFocused()
  await page.keyboard.press('Escape')
  await page.keyboard.press('Space')
  await expect(app.transport.getByRole('button', { name: /^(Play|Pause)$/ })).toBeVisible()
})

test('the slash finds from anywhere', async ({ page }) => {
  const app = await new Kubeloop(page).open()
  await page.keyboard.press('/')
  await expect(page.getByRole('searchbox')).toBeFocused()
  await page.keyboard.type('coredns')
  await expect(app.list.getByRole('button', { name: /^Pod coredns-/ })).toHaveCount(2)
  await expect(app.list.getByRole('button', { name: /^Pod kube-proxy-/ })).toHaveCount(0)
  // Coming back to the list by another way leaves the focus where it is.
  await page.keyboard.press('Escape')
  await app.view('Map')
  await app.view('List')
  await expect(page.getByRole('group', { name: 'View' }).getByRole('button', { name: 'List' })).toBeFocused()
})
