import { expect, test } from '@playwright/test'
import { Kubeloop } from './page'

test('stepping, stepping back and scrubbing give the same picture for the same moment', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' }) // or the clock would still sweep when it is compared
  const app = await new Kubeloop(page).open()
  await app.view('List')
  await app.command('kubectl create deployment web --image=nginx --replicas=2')
  const playhead = page.getByRole('slider', { name: 'Playhead' })
  const step = async () => Number(await playhead.getAttribute('aria-valuenow'))
  const forward = app.transport.getByRole('button', { name: 'Step forward' })
  const back = app.transport.getByRole('button', { name: 'Step back' })
  /** Does something that moves the playhead; answers where it is then. */
  const moved = async (move: () => Promise<void>): Promise<number> => {
    const before = await step()
    await move()
    await expect.poll(step, { intervals: [20] }).not.toBe(before)
    await app.settledNow()
    return step()
  }

  // Steps of one instant share a picture, so the playhead may go over more than one.
  const pictures = new Map<number, string>()
  for (let i = 0; i < 10; i++) pictures.set(await moved(() => forward.click()), await app.picture())
  expect(pictures.size).toBe(10)
  expect(new Set(pictures.values()).size).toBe(10)
  const numbers = [...pictures.keys()]
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))

  for (const n of numbers.toReversed().slice(1, 8)) {
    expect(await moved(() => back.click())).toBe(n)
    expect(await app.picture(), `step ${n}, stepped back`).toBe(pictures.get(n))
  }
  for (const n of numbers.slice(3, 6)) {
    expect(await moved(() => playhead.press('ArrowRight'))).toBe(n)
    expect(await app.picture(), `step ${n}, again forward`).toBe(pictures.get(n))
  }

  // A drag along the timeline: wherever it ends, it is the picture of that step.
  const box = await playhead.boundingBox()
  if (!box) throw new Error('the timeline has no place')
  await playhead.press('End')
  await page.mouse.move(box.x + 330, box.y + 40)
  await page.mouse.down()
  for (let x = 320; x >= 120; x -= 10) await page.mouse.move(box.x + x, box.y + 40)
  await page.mouse.up()
  await expect.poll(step).toBeLessThan(numbers[5] ?? 0)
  await page.waitForTimeout(150) // the last of the throttled seeks
  const scrubbed = await step()
  if (pictures.has(scrubbed)) expect(await app.picture(), `step ${scrubbed}, scrubbed`).toBe(pictures.get(scrubbed))
  const end = numbers.at(-1) ?? 0
  expect(await moved(() => playhead.press('End'))).toBe(end)
  expect(await app.picture(), 'the end').toBe(pictures.get(end))
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
  await app.command('kubectl create deployment other --image=nginx')
  await app.runUntil('10× real time', () => app.expectRunning('other-', 1))
  expect(await app.pods('web-')).toEqual([])
  await page.getByRole('button', { name: '2 branches' }).click()
  await page.getByRole('menuitemradio', { name: /main/ }).click()
  await page.getByRole('slider', { name: 'Playhead' }).press('End')
  await expect.poll(async () => (await app.pods('web-')).map(({ name }) => name)).toEqual(names)
  expect(await app.pods('other-')).toEqual([])
})
