import { AxeBuilder } from '@axe-core/playwright'
import { expect, test } from '@playwright/test'
import { guestbook } from './page'
import { Traffic, box, door, load, send, withWeb } from './traffic-page'

test('less motion: numbers at the pods instead of dots', async ({ page }) => {
  const kubeloop = await new Traffic(page).open()
  await withWeb(kubeloop)
  await load(kubeloop, 'box', 'http://web', 30)
  const canvas = page.locator('canvas.traffic-canvas')
  const dots = async () => Number((await canvas.getAttribute('data-drawn'))?.split(' ')[1])
  await kubeloop.runUntil('1× real time', () => expect.poll(dots).toBeGreaterThan(10))
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await kubeloop.layer('Control')
  await kubeloop.layer('Traffic')
  await expect.poll(dots).toBe(0)
  const lines = kubeloop.told.getByRole('listitem').filter({ hasText: /^default\/web-\S+: \d/ })
  await kubeloop.runUntil('1× real time', async () => {
    await page.waitForTimeout(1500)
    await expect(lines).toHaveCount(3)
  })
  expect(await dots()).toBe(0)
  const rates = (await lines.allTextContents()).map((line) => Number(/: (\d+(?:\.\d+)?)\/s$/.exec(line)?.[1]))
  const sum = rates.reduce((a, b) => a + b, 0)
  expect(sum).toBeGreaterThan(24)
  expect(sum).toBeLessThan(36)
  // The list says the same.
  await kubeloop.view('List')
  await expect(kubeloop.list.getByRole('button', { name: /^Pod web-.*, \d+(\.\d)?\/s, all answered$/ })).toHaveCount(3)
})

test('stepping on, stepping back and jumping give the same picture of requests for the same moment', async ({ page }) => {
  test.setTimeout(120_000)
  const kubeloop = await new Traffic(page).open()
  await withWeb(kubeloop)
  await load(kubeloop, 'box', 'http://web', 40)
  await kubeloop.runUntil('1× real time', () => page.waitForTimeout(1500))
  await kubeloop.command('kubectl scale deployment web --replicas=5')
  const playhead = page.getByRole('slider', { name: 'Playhead' })
  const at = async () => Number(await playhead.getAttribute('aria-valuenow'))
  const moved = async (move: () => Promise<void>): Promise<number> => {
    const before = await at()
    await move()
    await expect.poll(at, { intervals: [20] }).not.toBe(before)
    await kubeloop.settledNow()
    return at()
  }
  const forward = kubeloop.transport.getByRole('button', { name: 'Step forward' })
  const back = kubeloop.transport.getByRole('button', { name: 'Step back' })
  // Of the many steps of a scale-up some lie seconds apart.
  const pictures = new Map<number, string>()
  for (let i = 0; i < 24; i++) {
    const n = await moved(() => forward.click())
    if (i % 4 === 3) pictures.set(n, await kubeloop.requestPicture())
  }
  expect(new Set(pictures.values()).size).toBeGreaterThan(3)
  const last = await at()
  while ((await at()) > Math.min(...pictures.keys())) {
    const n = await moved(() => back.click())
    if (pictures.has(n)) expect(await kubeloop.requestPicture(), `step ${n}, stepped back`).toBe(pictures.get(n))
  }
  await moved(() => playhead.press('Home'))
  expect(new Set(pictures.values())).not.toContain(await kubeloop.requestPicture())
  expect(await moved(() => playhead.press('End'))).toBe(last)
  expect(await kubeloop.requestPicture(), 'after a jump from the beginning to the end').toBe(pictures.get(last))
})

test('the pod in the path is deleted, by a command and by a key: requests fail visibly, with their reason, until another serves', async ({ page }) => {
  test.setTimeout(120_000)
  const kubeloop = await new Traffic(page).open()
  await withWeb(kubeloop)
  await kubeloop.command('kubectl scale deployment web --replicas=1')
  await kubeloop.runUntil('10× real time', () => expect.poll(() => kubeloop.tiles('web-')).toHaveLength(1))
  await load(kubeloop, 'box', 'http://web', 100)
  const pod = () => kubeloop.map.getByRole('button', { name: /^Pod web-\S+, Running, 1\/1 ready/ }).first()
  const failures = kubeloop.told.getByRole('listitem').filter({ hasText: /^Failed, / })
  for (const by of ['command', 'key'] as const) {
    await kubeloop.runUntil('1× real time', () => page.waitForTimeout(4000))
    await expect(failures).toHaveCount(0)
    const name = /^Pod (web-[^,]+)/.exec((await pod().getAttribute('aria-label')) ?? '')?.[1] ?? ''
    if (by === 'command') await kubeloop.command(`kubectl delete pod ${name}`)
    else {
      await pod().focus()
      await page.keyboard.press('Delete')
    }
    await kubeloop.runUntil('1× real time', () => expect(failures.filter({ hasText: /Refused|Reset|No endpoints|Unreachable/ }).first()).toBeAttached({ timeout: 15_000 }))
    await kubeloop.dock.getByRole('tab', { name: 'Requests' }).click()
    await kubeloop.dock.getByLabel('Outcome').selectOption('failed')
    await kubeloop.dock.getByRole('row', { name: /^Request \d+|\d+/ }).filter({ hasText: /Refused|Reset|No endpoints|Unreachable/ }).first().getByRole('button').click()
    await expect(kubeloop.inspector.getByRole('heading', { level: 2 })).toHaveText(/Request \d+, (Refused|Reset|No endpoints|Unreachable)/)
    const reason = /, (.*)$/.exec((await kubeloop.inspector.getByRole('heading', { level: 2 }).textContent()) ?? '')?.[1] ?? ''
    // On the map: the way in red as far as it came, a cross where it failed, and the reason beside it.
    await expect(kubeloop.map.locator('.jline.err').first()).toBeAttached()
    await expect(kubeloop.map.locator('.jdisc.err')).toHaveCount(1)
    await expect(kubeloop.map.locator('.jword')).toHaveText(reason)
    await kubeloop.inspector.getByRole('button', { name: 'Close inspector' }).click()
    await kubeloop.runUntil('10× real time', () => expect.poll(() => kubeloop.tiles('web-'), { timeout: 20_000 }).toHaveLength(1))
    await kubeloop.dock.getByLabel('Outcome').selectOption('all')
    expect((await pod().getAttribute('aria-label')) ?? '').not.toContain(name)
  }
})

test('a journey is played station by station with the keyboard, and by itself', async ({ page }) => {
  const kubeloop = await new Traffic(page).open()
  await withWeb(kubeloop)
  await send(kubeloop, 'box', 'http://web')
  const stations = page.getByRole('list', { name: /^Journey of request/ }).getByRole('button')
  await expect(stations.first()).toBeVisible()
  const count = await stations.count()
  expect(count).toBeGreaterThan(5)
  const next = page.getByRole('button', { name: 'Next station' })
  await next.focus()
  const seen: string[] = []
  for (let i = 0; i < count; i++) {
    await page.keyboard.press('Enter')
    await expect(stations.nth(i)).toHaveAttribute('aria-pressed', 'true')
    await expect(page.getByRole('list', { name: /^Journey/ }).getByRole('button', { pressed: true })).toHaveCount(1)
    await expect(stations.nth(i)).toBeInViewport()
    seen.push(await kubeloop.map.locator('.jlines .current').evaluateAll((discs) => discs.map((disc) => `${disc.querySelector('circle')?.getAttribute('cx')} ${disc.querySelector('circle')?.getAttribute('cy')}`).join()))
    await expect(kubeloop.inspector.locator('output')).toHaveText(new RegExp(`^Station ${i + 1}: `))
  }
  expect(seen.filter(Boolean)).toHaveLength(count)
  expect(new Set(seen).size).toBeGreaterThan(3)
  await page.keyboard.press('ArrowLeft')
  await expect(stations.nth(count - 2)).toHaveAttribute('aria-pressed', 'true')
  await page.keyboard.press('Home')
  await expect(stations.first()).toHaveAttribute('aria-pressed', 'true')
  await page.keyboard.press('ArrowRight')
  await expect(stations.nth(1)).toHaveAttribute('aria-pressed', 'true')
  await page.getByRole('button', { name: 'Replay request' }).press('Enter')
  await expect(stations.nth(2)).toHaveAttribute('aria-pressed', 'true', { timeout: 5000 })
  await page.getByRole('button', { name: 'Stop', exact: true }).press('Enter')
})

test('names and calls of others are on the map: lines of their own, and dots while they are on the way', async ({ page }) => {
  const kubeloop = await new Traffic(page).open()
  await kubeloop.apply(`${box}---\n${guestbook}`)
  await kubeloop.runUntil('10× real time', async () => {
    for (const deployment of ['frontend', 'redis-master', 'redis-replica']) await expect(page.getByRole('button', { name: new RegExp(`^Deployment ${deployment}, (\\d) of \\1 ready`) })).toBeVisible({ timeout: 30_000 })
    await expect.poll(() => kubeloop.tiles('box')).toHaveLength(1)
    await page.waitForTimeout(500)
  })
  await send(kubeloop, 'box', 'http://frontend')
  await expect(kubeloop.inspector.getByRole('heading', { level: 2 })).toHaveText(/Request 1, 200 OK/)
  await expect(page.getByRole('list', { name: /^Journey/ })).toContainText('asks')
  await expect(kubeloop.map.locator('.jline.dns').first()).toBeAttached()
  await expect(kubeloop.map.locator('.jline.call').first()).toBeAttached()
  const own = async () => Number((await page.locator('canvas.traffic-canvas').getAttribute('data-drawn'))?.split(' ')[2])
  await kubeloop.runUntil('1× real time', () => expect.poll(own, { intervals: [30] }).toBeGreaterThan(0))
  await kubeloop.runUntil('10× real time', () => expect.poll(own).toBe(0))
})

test('many nodes: rules in sum, and those of the node that is pointed at', async ({ page }) => {
  const kubeloop = await new Traffic(page).open()
  for (let i = 0; i < 11; i++) await page.getByRole('button', { name: /^Worker node/ }).click()
  await page.getByRole('button', { name: /^Web server/ }).first().click()
  await kubeloop.layer('Traffic')
  const sums = kubeloop.map.getByRole('region', { name: 'Rules on all nodes' })
  await kubeloop.runUntil('10× real time', () => expect(sums).toContainText(/15 nodes, 3 endpoints.*15\s*have its newest rule/s, { timeout: 30_000 }))
  await kubeloop.map.getByRole('button', { name: /^Node node-7,/ }).hover()
  const closeUp = kubeloop.map.getByRole('region', { name: 'Rules of node-7' })
  await expect(closeUp.getByRole('button', { name: /^Rule on node-7: 10\.244\.\d+\.\d+, (p 0\.33|p 0\.50|rest), web-/ })).toHaveCount(3)
  await page.mouse.move(2, 2)
  await expect(sums).toBeVisible()
  // By keyboard too.
  await kubeloop.map.getByRole('button', { name: /^Node node-3,/ }).focus()
  await page.keyboard.press('ArrowRight')
  await expect(kubeloop.map.getByRole('region', { name: 'Rules of node-4' })).toBeVisible()
})

for (const [theme, width, height] of [['dark', 1440, 900], ['light', 1000, 900], ['light', 360, 740]] as const)
  test(`axe finds nothing on the traffic layer: ${theme}, ${width} wide`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
    const kubeloop = await new Traffic(page).open()
    await withWeb(kubeloop, `---\n${door('LoadBalancer')}`)
    await load(kubeloop, 'box', 'http://web', 20)
    await kubeloop.runUntil('1× real time', () => page.waitForTimeout(1000))
    await send(kubeloop, 'box', 'http://web')
    await expect(page.getByRole('list', { name: /^Journey of request/ })).toBeVisible()
    await page.getByRole('button', { name: 'Next station' }).click()
    await page.getByRole('button', { name: 'Hide tools' }).click()
    await page.setViewportSize({ width, height })
    if (width < 600) await page.getByRole('group', { name: 'View' }).getByRole('button', { name: 'Map' }).click()
    await page.waitForTimeout(600)
    const violations = async () => (await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze()).violations.map(({ id, nodes }) => ({ id, at: nodes.slice(0, 3).map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary?.split('\n')[1] ?? ''}`) }))
    expect(await violations()).toEqual([])
    await kubeloop.inspector.getByRole('button', { name: 'Close inspector' }).click()
    expect(await violations()).toEqual([])
  })

test.describe('on a phone', () => {
  test.use({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true })

  test('a request is sent and walked through with a finger; the station that is told of is in sight above the sheet', async ({ page }) => {
    const kubeloop = await new Traffic(page).open()
    await page.getByRole('button', { name: 'Tools' }).tap()
    await page.getByRole('button', { name: 'Web server', exact: true }).tap()
    await page.getByRole('button', { name: 'Hide tools' }).tap()
    await kubeloop.runUntil('10× real time', async () => {
      await expect.poll(async () => (await kubeloop.pods('web-')).filter(({ ready }) => ready === '1/1').length, { timeout: 20_000 }).toBe(3)
      await page.waitForTimeout(500)
    })
    await kubeloop.view('Map')
    await kubeloop.layer('Traffic')
    await page.getByRole('button', { name: 'Send…' }).tap()
    const dialog = page.getByRole('dialog', { name: 'Send one request' })
    await dialog.getByLabel('From').selectOption({ label: 'node-3' })
    await dialog.getByRole('button', { name: /cluster IP/ }).first().tap()
    await dialog.getByRole('button', { name: 'Send', exact: true }).tap()
    await expect(kubeloop.inspector.getByRole('heading', { level: 2 })).toHaveText('Request 1, 200 OK')
    for (let i = 0; i < 3; i++) {
      await page.getByRole('button', { name: 'Next station' }).tap()
      await expect.poll(async () => {
        const [disc, sheet, map] = [await kubeloop.map.locator('.jlines .current').boundingBox(), await kubeloop.inspector.boundingBox(), await kubeloop.map.boundingBox()]
        return disc !== null && sheet !== null && map !== null && disc.y >= map.y && disc.y + disc.height <= sheet.y && disc.x >= 0 && disc.x + disc.width <= 360
      }).toBe(true)
    }
  })
})
