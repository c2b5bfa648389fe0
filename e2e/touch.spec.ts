import { expect, test } from '@playwright/test'
import { Kubeloop } from './page'

test.use({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true })

test('deploy a sample, power a node off and step, with a finger on a phone', async ({ page }) => {
  const app = await new Kubeloop(page).open()
  await expect(app.list).toBeVisible() // the list is what a phone begins with
  await page.getByRole('button', { name: 'Tools' }).tap()
  await page.getByRole('button', { name: 'Web server', exact: true }).tap()
  await page.getByRole('button', { name: 'Hide tools' }).tap()
  await app.transport.getByRole('button', { name: /^Speed/ }).tap()
  await page.getByRole('menuitemradio', { name: '10× real time' }).tap()
  await app.transport.getByRole('button', { name: 'Play' }).tap()
  await expect.poll(async () => (await app.pods('web-')).filter(({ status }) => status === 'Running').length, { timeout: 10_000 }).toBeGreaterThan(0)
  await app.transport.getByRole('button', { name: 'Pause' }).tap()

  await page.getByRole('button', { name: 'Actions for node node-1' }).tap()
  await page.getByRole('menuitem', { name: 'Power off' }).tap()
  await expect(app.list.getByRole('button', { name: /^Node node-1, Ready, powered off/ })).toBeVisible()
  await app.transport.getByRole('button', { name: 'Next milestone' }).tap()
  await expect(app.list.getByRole('button', { name: /^Node node-1, NotReady/ })).toBeVisible()
  await app.transport.getByRole('button', { name: 'Step back' }).tap()
  await expect(app.list.getByRole('button', { name: /^Node node-1, Ready, powered off/ })).toBeVisible()

  const small = await page.getByRole('button').evaluateAll((buttons) =>
    buttons.filter((b) => b.checkVisibility()).map((b) => ({ name: b.getAttribute('aria-label') ?? b.textContent, box: b.getBoundingClientRect() })).filter(({ box }) => box.width > 0 && (box.width < 40 || box.height < 40)).map(({ name }) => name),
  )
  expect(small, 'targets too small for a finger').toEqual([])
})

test('commands are typed, completed and brought back with a finger', async ({ page }) => {
  const app = await new Kubeloop(page).open()
  await app.transport.getByRole('button', { name: /^Speed/ }).tap()
  await page.getByRole('menuitemradio', { name: '10× real time' }).tap()
  await app.transport.getByRole('button', { name: 'Play' }).tap()
  await page.getByRole('button', { name: 'More', exact: true }).tap()
  await page.getByRole('menuitem', { name: 'Timeline and terminal' }).tap()
  await page.getByRole('tab', { name: 'Terminal' }).tap()
  const keys = page.getByRole('toolbar', { name: 'Terminal keys' })
  await page.getByRole('textbox', { name: 'Command' }).focus()
  await page.keyboard.type('kubectl ge')
  await keys.getByRole('button', { name: 'Tab' }).tap()
  await page.keyboard.type('nodes node-1')
  await page.keyboard.press('Enter')
  await expect(app.log).toContainText(/\$ kubectl get nodes? node-1[\s\S]*node-1\s+Ready/)
  await keys.getByRole('button', { name: 'Up', exact: true }).tap()
  await page.keyboard.type(' -w')
  await page.keyboard.press('Enter')
  await expect(app.log).toContainText(/\$ kubectl get nodes? node-1 -w[\s\S]*Ready/)
  await keys.getByRole('button', { name: 'Ctrl-C' }).tap()
  await expect(app.log).toContainText('^C')
})

test('what was asked for last lies on top, and a window that becomes narrow is not covered', async ({ page }) => {
  await page.setViewportSize({ width: 1440, height: 900 })
  const app = await new Kubeloop(page).open()
  await expect(page.getByRole('region', { name: 'Tools' })).toBeVisible()
  await page.setViewportSize({ width: 390, height: 844 })
  await expect(page.getByRole('region', { name: 'Tools' })).toBeHidden()
  await expect(page.getByRole('tab', { name: 'Terminal' })).toBeHidden()
  await app.view('List')
  await page.getByRole('button', { name: 'More', exact: true }).tap()
  await page.getByRole('menuitem', { name: 'Timeline and terminal' }).tap()
  await app.list.getByRole('button', { name: /^Node control-plane,/ }).tap()
  await expect(app.inspector.getByText('Conditions')).toBeInViewport()
  await expect(page.getByRole('tab', { name: 'Terminal' })).toBeHidden()
})
