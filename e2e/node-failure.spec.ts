import { expect, test } from '@playwright/test'
import { Kubeloop } from './page'

test('a node without power is NotReady after 50 s of silence, its pods are evicted 300 s later and replaced elsewhere', async ({ page }) => {
  const app = await new Kubeloop(page).open()
  await app.view('List')
  await app.runUntil('10× real time', async () => {
    await app.command('kubectl create deployment web --image=nginx --replicas=3')
    await app.expectRunning('web-', 3)
  })
  const before = await app.pods('web-')
  const lost = before.find(({ node }) => node === 'node-1')
  expect(lost, 'the scheduler spreads three pods over three nodes').toBeDefined()

  await app.list.getByRole('button', { name: /^Node node-1,/ }).click()
  await app.inspector.getByRole('button', { name: 'Power off' }).click()
  await expect(app.list.getByRole('button', { name: /^Node node-1, Ready, powered off/ })).toBeVisible()
  const offAt = await app.settledNow()

  // The API does not know yet: the node stays Ready until its silence has lasted 50 s; milestones jump there.
  await app.transport.getByRole('button', { name: 'Next milestone' }).click()
  await expect(app.list.getByRole('button', { name: /^Node node-1, NotReady/ })).toBeVisible()
  const notReadyAt = await app.settledNow()
  expect(notReadyAt - offAt).toBeGreaterThan(38)
  expect(notReadyAt - offAt).toBeLessThan(61) // seen up to 5 s after the last renewal, and looked at every 5 s

  // The eviction is the next milestone.
  const gone = app.list.getByRole('button', { name: new RegExp(`^Pod ${lost?.name}, Terminating`) })
  for (let i = 0; i < 4 && !(await gone.isVisible()); i++) {
    await app.transport.getByRole('button', { name: 'Next milestone' }).click()
    await app.settledNow()
  }
  await expect(gone).toBeVisible()
  const terminating = await app.settledNow()
  expect(terminating - notReadyAt).toBeGreaterThan(295)
  expect(terminating - notReadyAt).toBeLessThan(312)

  await app.runUntil('10× real time', async () => {
    await expect.poll(async () => (await app.pods('web-')).filter(({ status }) => status === 'Running').length, { timeout: 10_000 }).toBe(3)
  })
  const after = await app.pods('web-')
  const fresh = after.filter(({ name }) => !before.some((pod) => pod.name === name))
  expect(fresh).toHaveLength(1)
  expect(fresh[0]?.node).not.toBe('node-1')
  expect(before.map(({ ip }) => ip)).not.toContain(fresh[0]?.ip)
  // A dead kubelet cannot finish a deletion.
  expect(after.find(({ name }) => name === lost?.name)?.status).toBe('Terminating')
})
