import { expect, test } from '@playwright/test'
import { Kubeloop } from './page'

test('a Deployment is scaled 2 → 6 → 1 with its buttons', async ({ page }) => {
  const app = await new Kubeloop(page).open()
  await app.view('List')
  await app.speed('10× real time')
  await app.play()
  await app.command('kubectl create deployment web --image=nginx --replicas=2')
  await app.expectRunning('web-', 2)
  const first = (await app.pods('web-')).map(({ name }) => name)

  const more = app.list.getByRole('button', { name: 'One replica more of web', exact: true })
  for (const n of [3, 4, 5, 6]) {
    await more.click()
    await expect(app.list.getByRole('button', { name: new RegExp(`^Deployment web, \\d of ${n} ready`) })).toBeVisible()
  }
  await app.expectRunning('web-', 6)
  const six = (await app.pods('web-')).map(({ name }) => name)
  for (const name of first) expect(six).toContain(name)

  await app.command('kubectl scale deployment web --replicas=1')
  await app.expectRunning('web-', 1)
  expect(six).toContain((await app.pods('web-'))[0]?.name)
  // Every click was a kubectl line too.
  await expect(page.getByRole('log')).toContainText('$ kubectl scale deployment web --replicas=6')
  await expect(page.getByRole('log')).toContainText('deployment.apps/web scaled')
})
