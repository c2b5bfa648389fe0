import { expect, test } from '@playwright/test'
import { Kubeloop } from './page'

const deployment = (replicas: string, more = '') => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: broken
spec:
  replicas: ${replicas}
${more}  selector:
    matchLabels: { app: broken }
  template:
    metadata:
      labels: { app: broken }
    spec:
      containers:
      - name: c
        image: nginx
`

const mistakes = [
  { what: 'a syntax error', yaml: 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: [broken\n', says: /^error: error parsing STDIN: error converting YAML to JSON: yaml:/ },
  { what: 'an unknown kind', yaml: 'apiVersion: v1\nkind: Deploymint\nmetadata:\n  name: broken\n', says: /no matches for kind "Deploymint" in version "v1"[^]*ensure CRDs are installed first/ },
  { what: 'a wrong type', yaml: deployment('three'), says: /Error from server \(BadRequest\)[^]*Deployment in version "v1" cannot be handled as a Deployment/ },
  { what: 'an unknown field', yaml: deployment('1', '  replikas: 2\n'), says: /Error from server \(BadRequest\)[^]*strict decoding error: unknown field "spec.replikas"/ },
]

for (const { what, yaml, says } of mistakes)
  test(`${what} shows kubectl's words and changes nothing`, async ({ page }) => {
    const app = await new Kubeloop(page).open()
    await app.view('List')
    const objects = () => app.list.getByRole('button', { pressed: false }).evaluateAll((lines) => lines.map((line) => line.getAttribute('aria-label')).filter((label) => label !== null && !label.startsWith('etcd')))
    const before = await objects()
    await app.apply(yaml)
    await app.speed('1× real time')
    await app.play()
    await expect(app.result).toContainText(says)
    await app.pause()
    await expect.poll(() => app.manifests()).toBe(yaml)
    expect(await objects()).toEqual(before)
  })

test('a paste of 4 MiB is refused before anything is sent', async ({ page }) => {
  const app = await new Kubeloop(page).open()
  await app.dockTab('YAML')
  await page.getByLabel('Manifests').fill('# kept')
  const took = await page.getByLabel('Manifests').evaluate((area) => {
    const clipboardData = new DataTransfer()
    clipboardData.setData('text', 'a'.repeat(4 * 1024 * 1024))
    const began = performance.now()
    area.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
    return performance.now() - began
  })
  expect(took).toBeLessThan(200)
  await expect(app.result).toHaveText('error: the request is too large: 4.0 MiB; kube-apiserver takes at most 3 MiB')
  await expect.poll(() => app.manifests()).toBe('# kept')
  await app.dockTab('Terminal')
  await expect(page.getByRole('log')).not.toContainText('apply')
})
