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

test('an object is edited in place; a change of somebody else meanwhile is a conflict', async ({ page }) => {
  const app = await new Kubeloop(page).open()
  await app.speed('8× event-paced')
  await app.command('kubectl create deployment web --image=nginx --replicas=2')
  await app.transport.getByRole('button', { name: 'Step forward' }).click()
  await app.inspector.getByRole('button', { name: /^web/ }).click()
  await app.inspector.getByRole('tab', { name: 'YAML' }).click()
  await app.inspector.getByRole('button', { name: 'Edit' }).click()
  const dialog = page.getByRole('dialog', { name: 'Edit web' })
  const text = dialog.getByLabel('YAML of web')
  await expect(text).toContainText('replicas: 2')
  const scaled = async (replicas: number): Promise<void> => {
    await dialog.locator('.cm-line', { hasText: /^ {2}replicas: \d/ }).first().click()
    await page.keyboard.press('End')
    await page.keyboard.press('Backspace')
    await page.keyboard.type(String(replicas))
  }
  await scaled(5)
  // The controllers write its status while the command is under way.
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.getByRole('button', { name: 'Play' }).click()
  await expect(app.result).toContainText('the object has been modified; please apply your changes to the latest version and try again', { timeout: 20_000 })
  await dialog.getByRole('button', { name: 'Take the live version' }).click()
  await expect(text).toContainText('replicas: 2')
  await scaled(4)
  await dialog.getByRole('button', { name: 'Server-side apply' }).click()
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog.getByRole('button', { name: 'Overwrite' })).toBeVisible({ timeout: 20_000 })
  await dialog.getByRole('button', { name: 'Overwrite' }).click()
  await expect(app.result).toContainText('deployment.apps/web serverside-applied', { timeout: 20_000 })
  await dialog.getByRole('button', { name: 'Close' }).click()
  await expect(app.log).toContainText('$ kubectl apply --server-side --force-conflicts -f -')
})

const definition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: crontabs.stable.example.com
spec:
  group: stable.example.com
  scope: Namespaced
  names:
    plural: crontabs
    singular: crontab
    kind: CronTab
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              cronSpec:
                type: string
                description: When it is to run.
              replicas:
                type: integer
`

test('kinds that the cluster has by a definition are completed, explained and checked', async ({ page }) => {
  const app = await new Kubeloop(page).open()
  const dialog = await editor(app, definition)
  await dialog.getByRole('button', { name: 'Apply', exact: true }).click()
  await dialog.getByRole('button', { name: 'Play' }).click()
  await expect(app.result).toContainText('customresourcedefinition.apiextensions.k8s.io/crontabs.stable.example.com created')
  await dialog.getByLabel('Manifests').fill('apiVersion: stable.example.com/v1\nkind: CronTab\nmetadata:\n  name: a\nspec:\n  replicas: two\n')
  await expect.poll(() => dialog.locator('.cm-lintRange-error').allTextContents()).toEqual(['two'])
  await page.keyboard.press('Control+End')
  await page.keyboard.type('  cron')
  await expect(page.locator('.cm-tooltip-autocomplete')).toContainText('cronSpec')
  await page.waitForTimeout(150)
  await page.keyboard.press('Enter')
  await dialog.locator('.cm-line', { hasText: 'cronSpec' }).getByText('cronSpec').hover()
  await expect(page.locator('.cm-field-doc')).toContainText('When it is to run.')
})

test('in a manifest of 300 lines a mistake is underlined at its line', async ({ page }) => {
  const app = await new Kubeloop(page).open()
  const dialog = await editor(app)
  const data = Array.from({ length: 270 }, (_, i) => `  key-${i}: "value ${i}"`).join('\n')
  await dialog.getByLabel('Manifests').focus()
  await app.paste(`apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: large\ndata:\n${data}\n---\n${deployment.replace('image: nginx', 'imag: nginx')}`)
  await page.keyboard.press('Control+End')
  const underlined = dialog.locator('.cm-lintRange-error')
  await expect(underlined).toHaveText(['imag'])
  // The number beside it is that of its line.
  const top = await underlined.evaluate((mark) => mark.getBoundingClientRect().top)
  const number = await dialog.locator('.cm-lineNumbers .cm-gutterElement').evaluateAll((numbers, y) => numbers.map((element) => ({ y: Math.abs(element.getBoundingClientRect().top - y), text: element.textContent })).toSorted((a, b) => a.y - b.y)[0]?.text, top)
  expect(number).toBe(String(276 + deployment.split('\n').findIndex((line) => line.includes('image:')) + 1))
  await expect(async () => {
    await page.mouse.move(5, 5)
    await underlined.hover() // the server's word, when it comes, takes the place of the schema's
    await expect(page.locator('.cm-tooltip-lint')).toContainText('unknown field "spec.template.spec.containers[0].imag"', { timeout: 1000 })
  }).toPass({ timeout: 10_000 })
})
