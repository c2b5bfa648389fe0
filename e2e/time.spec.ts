import { expect, test } from '@playwright/test'
import { Kubeloop } from './page'

test('stepping, stepping back and scrubbing give the same picture for the same moment', async ({ page }) => {
  const app = await new Kubeloop(page).open()
  await app.view('List')
  await app.command('kubectl create deployment web --image=nginx --replicas=2')
  const playhead = page.getByRole('slider', { name: 'Playhead' })
  const stepIs = (n: number) => expect(playhead).toHaveAttribute('aria-valuenow', String(n))
  const forward = app.transport.getByRole('button', { name: 'Step forward' })
  const back = app.transport.getByRole('button', { name: 'Step back' })
  const first = Number(await playhead.getAttribute('aria-valuenow'))
  const pictures = new Map<number, string>()
  for (let n = first + 1; n <= first + 12; n++) {
    await forward.click()
    await stepIs(n)
    pictures.set(n, await app.picture())
  }
  expect(new Set(pictures.values()).size).toBe(12)

  for (let n = first + 11; n >= first + 3; n--) {
    await back.click()
    await stepIs(n)
    expect(await app.picture(), `step ${n}, stepped back`).toBe(pictures.get(n))
  }
  for (let n = first + 4; n <= first + 7; n++) {
    await playhead.press('ArrowRight')
    await stepIs(n)
    expect(await app.picture(), `step ${n}, again forward`).toBe(pictures.get(n))
  }

  // A drag along the timeline: wherever it ends, it is the picture of that step.
  const box = await playhead.boundingBox()
  if (!box) throw new Error('the timeline has no place')
  await page.mouse.move(box.x + 300, box.y + 40)
  await page.mouse.down()
  for (let x = 280; x >= 150; x -= 10) await page.mouse.move(box.x + x, box.y + 40)
  await page.mouse.up()
  await expect.poll(async () => Number(await playhead.getAttribute('aria-valuenow'))).toBeLessThan(first + 7)
  await page.waitForTimeout(300)
  const n = Number(await playhead.getAttribute('aria-valuenow'))
  if (pictures.has(n)) expect(await app.picture(), `step ${n}, scrubbed`).toBe(pictures.get(n))
  await playhead.press('End')
  await stepIs(first + 12)
  expect(await app.picture(), 'the end').toBe(pictures.get(first + 12))
})

test('acting in the past begins a branch, and the old future is kept', async ({ page }) => {
  const app = await new Kubeloop(page).open()
  await app.view('List')
  await app.runUntil('10× real time', async () => {
    await app.command('kubectl create deployment web --image=nginx --replicas=2')
    await app.expectRunning('web-', 2)
  })
  const names = (await app.pods('web-')).map(({ name }) => name)
  await page.getByRole('slider', { name: 'Playhead' }).press('Home')
  await expect.poll(() => app.pods('web-')).toEqual([])
  await app.runUntil('10× real time', async () => {
    await app.command('kubectl create deployment other --image=nginx')
    await app.expectRunning('other-', 1)
  })
  expect(await app.pods('web-')).toEqual([])
  await page.getByRole('button', { name: '2 branches' }).click()
  await page.getByRole('menuitemradio', { name: /main/ }).click()
  await page.getByRole('slider', { name: 'Playhead' }).press('End')
  await expect.poll(async () => (await app.pods('web-')).map(({ name }) => name)).toEqual(names)
  expect(await app.pods('other-')).toEqual([])
})
