import { expect, test, type Page } from '@playwright/test'
import { Kubeloop } from './page'

const opacity = (page: Page, selector: string): Promise<string> => page.locator(selector).first().evaluate((element) => getComputedStyle(element).opacity)

test('what is looked at stands out: lines of other nodes fade, and pods of other owners', async ({ page }) => {
  const app = await new Kubeloop(page).open()
  await page.locator('[data-obj="node:node-2"]').hover()
  await expect.poll(() => opacity(page, '[data-end="node:node-1"]')).toBe('0.35')
  expect(await opacity(page, '[data-end="node:node-2"]')).toBe('1')
  const proxy = page.locator('[data-obj^="pod:"][data-owner="kube-system/DaemonSet/kube-proxy"]').first()
  await proxy.hover()
  await expect.poll(() => opacity(page, '[data-owner^="kube-system/ReplicaSet/coredns"]')).toBe('0.45')
  expect(await opacity(page, '[data-end="node:node-1"]')).toBe('1')
  await app.transport.hover()
  await expect.poll(() => opacity(page, '[data-owner^="kube-system/ReplicaSet/coredns"]')).toBe('1')
  // By the keyboard too.
  await page.locator('[data-obj="node:node-3"]').focus()
  await page.keyboard.press('ArrowLeft')
  await expect.poll(() => opacity(page, '[data-end="node:node-3"]')).toBe('0.35')
})

test('the wheel shows counts from afar and addresses from near', async ({ page }) => {
  await new Kubeloop(page).open()
  const map = page.locator('.map')
  const node = page.locator('section[data-hit="node:node-2"]')
  await expect(node.getByText('2 pods')).toBeHidden()
  const box = await node.boundingBox()
  await page.mouse.move((box?.x ?? 0) + 60, (box?.y ?? 0) + 60)
  for (let i = 0; i < 6; i++) await page.mouse.wheel(0, 100)
  await expect(map).toHaveAttribute('data-zoom', 'far')
  await expect(node.getByText('2 pods')).toBeVisible()
  await page.getByRole('button', { name: 'Fit' }).click()
  await page.mouse.move((box?.x ?? 0) + 60, (box?.y ?? 0) + 120)
  for (let i = 0; i < 6; i++) await page.mouse.wheel(0, -100)
  await expect(map).toHaveAttribute('data-zoom', 'near')
  await expect(node.getByText(/^10\.\d+\.\d+\.\d+/).first()).toBeVisible()
})

test('of many nodes the wheel brings cards and pods, and tiles again', async ({ page }) => {
  await new Kubeloop(page).open('/?preset=bench-50')
  const map = page.locator('.map')
  await expect(map).toHaveAttribute('data-level', 'tiles')
  const box = await map.boundingBox()
  await page.mouse.move((box?.x ?? 0) + 400, (box?.y ?? 0) + 350)
  const turn = async (by: number, level: string): Promise<void> => {
    await expect(async () => {
      await page.mouse.wheel(0, by)
      await expect(map).toHaveAttribute('data-level', level, { timeout: 150 })
    }).toPass({ timeout: 20_000, intervals: [50] })
  }
  await turn(-60, 'cards')
  await turn(-60, 'pods')
  await turn(60, 'cards')
  await turn(60, 'tiles')
  await expect(page.getByRole('group', { name: 'Detail' }).getByRole('button', { name: 'Tiles' })).toHaveAttribute('aria-pressed', 'true')
})

test('heartbeats are drawn when one asks for them', async ({ page }) => {
  const app = await new Kubeloop(page).open()
  await app.speed('10× real time')
  await app.play()
  await page.waitForTimeout(1500)
  await expect(page.locator('.beat')).toHaveCount(0)
  await page.getByRole('button', { name: 'Show heartbeats' }).click()
  await expect(page.locator('.beat').first()).toBeAttached({ timeout: 10_000 })
  await page.getByRole('button', { name: 'Hide heartbeats' }).click()
  await expect(page.locator('.beat')).toHaveCount(0)
})

test('the list says in words which messages the map draws', async ({ page }) => {
  const app = await new Kubeloop(page).open()
  await app.command('kubectl create deployment web --image=nginx')
  await expect(page.getByText('You create Deployment web').first()).toBeVisible()
  const drawn = await page.locator('.msg.on').allTextContents()
  expect(drawn.length).toBeGreaterThan(1)
  await app.view('List')
  await page.getByText(/^Messages of step 1/).click()
  const messages = page.getByRole('list', { name: 'Messages of step 1' })
  await expect(messages).toContainText(/You\s*write to\s*kube-apiserver\s*POST deployments/)
  for (const pill of drawn) await expect(messages).toContainText(pill.replace(/^[\d.]+/, '').replace(/ ×\d+|\+\d+$/g, '').trim())
})

test('a tile whose pod is gone fades where it was', async ({ page }) => {
  const app = await new Kubeloop(page).open()
  await app.speed('4× event-paced')
  await app.play()
  await app.command('kubectl run short --image=nginx')
  const tile = page.getByRole('button', { name: /^Pod short, Running/ })
  await expect(tile).toBeVisible({ timeout: 20_000 })
  const left = page.evaluate(() => new Promise<string>((done) => {
    new MutationObserver((records) => {
      for (const { addedNodes } of records) for (const node of addedNodes) if (node instanceof HTMLElement && node.inert) done(getComputedStyle(node).position)
    }).observe(document.querySelector('.map') as Element, { childList: true, subtree: true })
  }))
  await app.command('kubectl delete pod short --grace-period=0 --force')
  expect(await left).toBe('absolute')
  await expect(page.locator('.pods > [inert]')).toHaveCount(0)
})
