import { expect, test } from '@playwright/test'
import { Traffic, door, load, send, withWeb } from './traffic-page'

test('a request is sent from a pod, and its journey is read station by station', async ({ page }) => {
  const kubeloop = await new Traffic(page).open()
  await withWeb(kubeloop)
  await send(kubeloop, 'box', 'http://web')
  const journey = page.getByRole('list', { name: /^Journey of request/ })
  await expect(journey).toBeVisible()
  await expect(kubeloop.inspector.getByRole('heading', { level: 2 })).toHaveText('Request 1, 200 OK')
  await expect(journey).toContainText('web.default.svc.cluster.local? kube-system/coredns')
  await expect(journey).toContainText(/default\/web: destination 10\.(9[6-9]|10\d|11[01])\.\d+\.\d+:80 becomes 10\.244\.\d+\.\d+:80 \(\d of 3, chance 1\/3\)/)
  await expect(journey).toContainText(/KUBE-SERVICES › KUBE-SVC-\w+ › KUBE-SEP-\w+/)
  await expect(journey).toContainText(/default\/web-\S+ answers 200/)

  // The same on the map, whose layer it opened: the rule that decided is lit, and the pod that answered.
  await expect(page.getByRole('group', { name: 'Layer' }).getByRole('button', { name: 'Traffic' })).toHaveAttribute('aria-pressed', 'true')
  await expect(page.locator('.tbox .tr.on').first()).toBeVisible()
  await expect(page.getByText('DNAT', { exact: true })).toBeVisible()

  // Step by step: the caption says what each station decides.
  const next = page.getByRole('button', { name: 'Next station' })
  await next.click()
  await expect(page.getByText('default/box sends to http://web:80/').first()).toBeVisible()
  await next.click()
  await expect(journey.getByRole('button', { pressed: true })).toContainText('DNS lookup')
})

test('a request to a name that nobody has fails with its reason, and can be found by its outcome', async ({ page }) => {
  const kubeloop = await new Traffic(page).open()
  await withWeb(kubeloop)
  await send(kubeloop, 'box', 'http://nobody')
  await expect(kubeloop.inspector.getByText('Unknown name').first()).toBeVisible()
  await send(kubeloop, 'box', 'http://web')
  await expect(kubeloop.inspector.getByRole('heading', { level: 2 })).toHaveText('Request 2, 200 OK')
  await kubeloop.dock.getByLabel('Outcome').selectOption('dns-nxdomain')
  await expect(kubeloop.dock.getByRole('row', { name: /Request \d/ })).toHaveCount(1)
  await kubeloop.dock.getByRole('button', { name: /^Request 1, Unknown name/ }).click()
  await expect(kubeloop.inspector.getByRole('heading', { level: 2 })).toContainText('Request 1, Unknown name')
})

test('the node of the pod in the path dies: the next request fails there, with the reason', async ({ page }) => {
  const kubeloop = await new Traffic(page).open()
  await withWeb(kubeloop, `---\n${door('NodePort').replace('- port: 80', '- port: 80\n    nodePort: 30080')}`)
  await kubeloop.command('kubectl scale deployment web --replicas=1')
  await kubeloop.runUntil('10× real time', () => expect.poll(() => kubeloop.tiles('web-')).toHaveLength(1))
  const [home = ''] = await kubeloop.tiles('web-')
  const other = home === 'node-1' ? 'node-2' : 'node-1'
  await send(kubeloop, 'You, outside the cluster', `http://${other}:30080`)
  await expect(kubeloop.inspector.getByRole('heading', { level: 2 })).toHaveText('Request 1, 200 OK')
  // The API does not know yet that the machine is dark, and neither do the rules: they still send requests there.
  await page.getByRole('region', { name: 'Tools' }).getByRole('button', { name: 'Power off node' }).click()
  await page.getByRole('menuitem', { name: new RegExp(`^${home},`) }).click()
  await kubeloop.inspector.getByRole('button', { name: 'Send another' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Send', exact: true }).click()
  await expect(kubeloop.inspector.getByRole('heading', { level: 2 })).toHaveText('Request 2, Timeout', { timeout: 15_000 })
  await expect(page.getByRole('list', { name: 'Journey of request 2' })).toContainText(new RegExp(`no answer from ${home}`))
  await expect(page.getByText(new RegExp(`Timeout: no answer from ${home}`)).first()).toBeVisible()
})

test('load comes through NodePort and LoadBalancer, and is stopped', async ({ page }) => {
  const kubeloop = await new Traffic(page).open()
  await withWeb(kubeloop, `---\n${door('NodePort')}---\n${door('LoadBalancer')}`)
  for (const [service, how] of [['door-nodeport', 'node port'], ['door-loadbalancer', 'load balancer']] as const) {
    await kubeloop.select(`Service ${service}`)
    await kubeloop.inspector.getByRole('tab', { name: 'Traffic' }).click()
    await kubeloop.inspector.getByRole('button', { name: 'Generate load' }).click()
    const dialog = page.getByRole('dialog', { name: 'Generate load' })
    await expect(dialog.getByLabel('From', { exact: true })).toHaveValue('outside')
    const to = await dialog.locator('datalist option', { hasText: how }).first().getAttribute('value')
    await dialog.getByLabel(/^To, name/).fill(to ?? '')
    await dialog.getByRole('button', { name: 'Start' }).click()
    await kubeloop.runUntil('1× real time', () => expect(kubeloop.inspector.getByRole('region', { name: 'Success rate' })).toContainText('100%', { timeout: 10_000 }))
    const row = kubeloop.dock.getByRole('row', { name: /Request \d/ }).first()
    await kubeloop.dock.getByRole('tab', { name: 'Requests' }).click()
    await row.getByRole('button').click()
    const journey = page.getByRole('list', { name: /^Journey of request/ })
    await expect(journey).toContainText(how === 'load balancer' ? /chooses node-\d, one of \d healthy nodes/ : /by node port/)
    await page.getByRole('button', { name: /^Stop load-/ }).first().click()
    await expect(page.getByRole('button', { name: /^Stop load-/ })).toHaveCount(0)
  }
})

test('load comes through an Ingress: the controller sends it on past the Service', async ({ page }) => {
  const kubeloop = await new Traffic(page).open()
  await page.getByRole('button', { name: 'More apps' }).click()
  await page.getByRole('menuitem', { name: /^Ingress controller/ }).click()
  await withWeb(kubeloop, `---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
spec:
  ingressClassName: nginx
  rules:
  - host: shop.dev
    http:
      paths:
      - path: /
        pathType: Prefix
        backend:
          service:
            name: web
            port:
              number: 80
`)
  await kubeloop.runUntil('10× real time', async () => {
    await expect.poll(() => kubeloop.tiles('ingress-nginx-controller-'), { timeout: 20_000 }).not.toHaveLength(0)
    await page.waitForTimeout(1500)
  })
  await send(kubeloop, 'You, outside the cluster', 'http://shop.dev')
  const journey = page.getByRole('list', { name: /^Journey of request/ })
  await expect(kubeloop.inspector.getByRole('heading', { level: 2 })).toHaveText('Request 1, 200 OK')
  await expect(journey).toContainText(/chooses node-\d, one of \d healthy nodes/)
  await expect(journey).toContainText(/past the Service's address/)
  await load(kubeloop, 'You, outside the cluster', 'http://shop.dev', 20)
  await kubeloop.dock.getByRole('tab', { name: 'Requests' }).click()
  await kubeloop.runUntil('1× real time', () => expect(kubeloop.dock.getByRole('row', { name: /Request \d+, 200 OK/ }).nth(15)).toBeVisible({ timeout: 10_000 }))
  await expect(kubeloop.dock.getByRole('row', { name: /Request \d+, (?!200 OK)/ })).toHaveCount(0)
})

test('rules of a node stand as a table and as iptables prints them; endpoints with their conditions', async ({ page }) => {
  const kubeloop = await new Traffic(page).open()
  await withWeb(kubeloop)
  await page.getByRole('button', { name: /^Node node-1,/ }).click()
  await kubeloop.inspector.getByRole('tab', { name: 'Rules' }).click()
  const rules = page.getByRole('list', { name: 'Rules of node-1' })
  await expect(rules.getByRole('listitem').filter({ hasText: 'default/web' })).toContainText(/p 0\.33.*p 0\.50.*rest/s)
  await kubeloop.inspector.getByRole('button', { name: 'iptables-save' }).click()
  await expect(page.getByLabel('iptables-save on node-1')).toContainText('--probability 0.33333333')
  await kubeloop.select('Service web')
  await kubeloop.inspector.getByRole('tab', { name: 'Endpoints' }).click()
  await expect(kubeloop.inspector.getByRole('region', { name: /^EndpointSlice web-/ }).getByRole('row')).toHaveCount(4)
})

test('the autoscaler adds pods under a ramp, says by which formula, and takes them away after its window', async ({ page }) => {
  test.setTimeout(150_000)
  const kubeloop = await new Traffic(page).open()
  await withWeb(kubeloop)
  await kubeloop.command('kubectl autoscale deployment web --cpu-percent=50 --min=1 --max=6')
  await page.getByRole('region', { name: 'Tools' }).getByRole('button', { name: 'Generate load' }).click()
  const dialog = page.getByRole('dialog', { name: 'Generate load' })
  await dialog.getByLabel('From', { exact: true }).selectOption({ label: 'box' })
  await dialog.getByLabel(/^To, name/).fill('http://web')
  await dialog.getByRole('group', { name: 'Pattern' }).getByRole('button', { name: 'Ramp' }).click()
  await dialog.getByLabel('To, a second').fill('5000')
  await dialog.getByLabel('For, seconds').fill('30')
  await dialog.getByRole('button', { name: 'Start' }).click()
  await kubeloop.select('HorizontalPodAutoscaler web')
  await kubeloop.runUntil('10× real time', async () => {
    await expect(kubeloop.inspector.getByRole('region', { name: 'Metrics' })).toContainText(/ceil\(\d × \d+ \/ 50\) = \d+/, { timeout: 30_000 })
    await expect(page.getByRole('button', { name: /^Deployment web, [456] of [456] ready/ })).toBeVisible({ timeout: 60_000 })
    // The autoscaler hears of them when it looks next.
    await expect(kubeloop.inspector.getByRole('figure', { name: /^Replicas over time, [456] now$/ })).toBeVisible({ timeout: 30_000 })
  })
  // Over time: what was measured against its target, and what was done; the window's band is drawn from the same answer.
  await expect(kubeloop.inspector.getByRole('figure', { name: 'cpu over time, target 50%' })).toBeVisible()
  await page.getByRole('button', { name: /^Stop load-/ }).first().click()
  const before = await kubeloop.settledNow()
  await kubeloop.runUntil('100× real time', () => expect(page.getByRole('button', { name: 'Deployment web, 1 of 1 ready' })).toBeVisible({ timeout: 30_000 }))
  expect(await kubeloop.settledNow() - before).toBeGreaterThan(290)
})
