import { expect, test } from '@playwright/test'
import { Kubeloop } from './page'

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
      - name: web
        image: nginx
`

/** The editor in its dialog, where there is room. */
async function editor(app: Kubeloop, text = '') {
  await app.page.getByRole('region', { name: 'Tools' }).getByRole('button', { name: /^YAML/ }).click()
  const dialog = app.page.getByRole('dialog', { name: 'Apply YAML' })
  await dialog.getByLabel('Manifests').fill(text)
  return dialog
}

test('mistakes are underlined at their lines, in the words of the server, while time stands still', async ({ page }) => {
  const app = await new Kubeloop(page).open()
  const dialog = await editor(app, `${deployment.replace('replicas: 2', 'replicas: -2')}---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: Wrong_Name\nspec:\n  containers: []\n`)
  const underlined = dialog.locator('.cm-lintRange-error')
  await expect.poll(() => underlined.evaluateAll((marks) => marks.map((mark) => mark.closest('.cm-line')?.textContent?.trim()))).toEqual(['replicas: -2', 'name: Wrong_Name', 'containers: []'])
  await underlined.first().hover()
  await expect(page.getByText('Invalid value: -2: must be greater than or equal to 0')).toBeVisible()
  expect(await app.now()).toBe(0)
  await dialog.getByRole('button', { name: 'Close' }).click()
  await expect(app.log).not.toContainText('kubectl')
})

test('unknown fields and wrong types are underlined, and the marks go when they are mended', async ({ page }) => {
  const app = await new Kubeloop(page).open()
  const dialog = await editor(app, deployment.replace('replicas: 2', 'replikas: 2').replace('image: nginx', 'image: 1'))
  const underlined = dialog.locator('.cm-lintRange-error')
  await expect.poll(() => underlined.evaluateAll((marks) => marks.map((mark) => mark.closest('.cm-line')?.textContent?.trim()))).toEqual(['replikas: 2', 'image: 1'])
  await dialog.getByLabel('Manifests').fill(deployment)
  await expect(underlined).toHaveCount(0)
})

test('keys and values are completed, fields are explained', async ({ page }) => {
  const app = await new Kubeloop(page).open()
  const dialog = await editor(app, deployment)
  await page.keyboard.press('Control+End')
  await page.keyboard.type('        imagePu')
  await expect(page.locator('.cm-tooltip-autocomplete')).toContainText('imagePullPolicy')
  await page.waitForTimeout(150) // what has only just appeared is not chosen by a key that was meant for the text
  await page.keyboard.press('Enter')
  await expect(page.locator('.cm-tooltip-autocomplete')).toContainText('IfNotPresent')
  await page.keyboard.type('IfN')
  await expect(page.locator('.cm-tooltip-autocomplete li')).toHaveCount(1)
  await page.waitForTimeout(150)
  await page.keyboard.press('Enter')
  await expect.poll(() => app.manifests()).toContain('        imagePullPolicy: IfNotPresent')
  await dialog.locator('.cm-line', { hasText: 'replicas: 2' }).getByText('replicas').hover()
  await expect(page.locator('.cm-field-doc')).toContainText('Number of desired pods')
})

test('a whole manifest begins with its kind', async ({ page }) => {
  const app = await new Kubeloop(page).open()
  await editor(app)
  await page.keyboard.type('Deplo')
  await expect(page.locator('.cm-tooltip-autocomplete')).toContainText('a whole manifest')
  await page.waitForTimeout(150)
  await page.keyboard.press('Enter')
  await expect.poll(() => app.manifests()).toContain('kind: Deployment')
})

test('dry run and diff say what would be, and nothing is', async ({ page }) => {
  const app = await new Kubeloop(page).open()
  const dialog = await editor(app, deployment)
  await dialog.getByRole('button', { name: 'Dry run' }).click()
  await expect(app.result).toContainText('deployment.apps/web created (server dry run)')
  await dialog.getByRole('button', { name: 'Apply', exact: true }).click()
  await dialog.getByRole('button', { name: 'Play' }).click()
  await expect(app.result).toContainText('deployment.apps/web created')
  await dialog.getByLabel('Manifests').fill(deployment.replace('replicas: 2', 'replicas: 5'))
  await dialog.getByRole('button', { name: 'Diff' }).click()
  await expect(app.result).toContainText(/-\s+replicas: 2\s*\+\s+replicas: 5/)
  await dialog.getByRole('button', { name: 'Close' }).click()
  await app.pause()
  await expect(app.log).not.toContainText('kubectl diff')
})

test('several documents are listed, and each is gone to', async ({ page }) => {
  const app = await new Kubeloop(page).open()
  const dialog = await editor(app, `${deployment}---\napiVersion: v1\nkind: Service\nmetadata:\n  name: front\nspec:\n  ports:\n  - port: 80\n`)
  await dialog.getByRole('button', { name: '2 documents' }).click()
  await page.getByRole('menuitem', { name: /Service front/ }).click()
  await expect(dialog.locator('.cm-activeLine').first()).toHaveText('apiVersion: v1')
})

test('the kubectl that does this is shown', async ({ page }) => {
  const app = await new Kubeloop(page).open()
  const dialog = await editor(app, deployment)
  await dialog.getByRole('button', { name: 'kubectl', exact: true }).click()
  const lines = page.getByRole('dialog', { name: 'The same with kubectl' })
  await expect(lines).toContainText("kubectl apply -f - <<'EOF'")
  await expect(lines).toContainText('kubectl create deployment web --image=nginx --replicas=2')
})

test('a fault is dragged from the palette onto its target', async ({ page }) => {
  const app = await new Kubeloop(page).open()
  await page.getByRole('button', { name: 'Power off node' }).dragTo(page.locator('[data-hit="node:node-2"]'))
  await expect(page.getByText('node-2 was powered off')).toBeVisible()
  await app.view('List')
  await expect(app.list.getByRole('button', { name: /^Node node-2, Ready, powered off/ })).toBeVisible()
})
