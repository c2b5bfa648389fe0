import { AxeBuilder } from '@axe-core/playwright'
import { expect, test, type Page } from '@playwright/test'
import { Kubeloop } from './page'

async function violations(page: Page, within = 'body'): Promise<unknown> {
  const { violations: found } = await new AxeBuilder({ page }).include(within).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze()
  return found.map(({ id, nodes }) => ({ id, at: nodes.slice(0, 4).map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary?.split('\n')[1] ?? ''}`) }))
}

for (const [theme, widths] of [['dark', [1440, 1000, 360]], ['light', [1440, 700, 360]]] as const)
  for (const width of widths)
    test(`axe finds nothing: ${theme}, ${width} wide`, async ({ page }) => {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
      await page.setViewportSize({ width, height: width < 600 ? 740 : 900 })
      const app = await new Kubeloop(page).open()
      await app.view('List')
      await app.list.getByRole('button', { name: /^Node node-2,/ }).click({ button: 'right' })
      await page.getByRole('menuitem', { name: 'Power off' }).click()
      await expect(app.list.getByRole('button', { name: /^Node node-2, Ready, powered off/ })).toBeVisible()
      await app.list.getByRole('button', { name: /^Node node-2,/ }).click()
      await expect(app.inspector.getByText('In reality')).toBeVisible()
      expect(await violations(page)).toEqual([])
      if (width < 900) await app.inspector.getByRole('button', { name: 'Close inspector' }).click()
      await app.view('Map')
      await page.waitForTimeout(200)
      expect(await violations(page)).toEqual([])
    })

for (const theme of ['dark', 'light'] as const)
  test(`axe finds nothing in terminal, editor and the page of what is left out: ${theme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
    const app = await new Kubeloop(page).open()
    await app.command('kubectl get pod nope')
    await page.getByRole('button', { name: 'New shell' }).click()
    expect(await violations(page)).toEqual([])
    await app.dockTab('YAML')
    await page.getByLabel('Manifests').fill('apiVersion: v1\nkind: Pod\nmetadata:\n  name: Wrong\nspec:\n  containers: []\n')
    await expect(page.locator('.cm-lintRange-error').first()).toBeVisible()
    await page.getByRole('button', { name: 'Dry run' }).click()
    await expect(app.result).toContainText('Nothing was changed.')
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: 'Cluster', exact: true }).click()
    await page.getByRole('menuitem', { name: 'What this model leaves out' }).click()
    await expect(page.getByRole('heading', { name: /^kubelet/ })).toBeVisible()
    expect(await violations(page)).toEqual([])
  })

for (const theme of ['dark', 'light'] as const)
  test(`axe finds nothing in the inspector's tabs, menus and dialogs: ${theme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
    const app = await new Kubeloop(page).open()
    await app.speed('10× real time')
    await app.play()
    await app.command('kubectl create deployment web --image=nginx')
    await expect(app.log).toContainText('created')
    await app.view('List')
    await app.expectRunning('web-', 1)
    await app.pause()
    await app.list.getByRole('button', { name: /^Pod web-/ }).click()
    for (const tab of await app.inspector.getByRole('tab').allTextContents()) {
      await app.inspector.getByRole('tab', { name: tab, exact: true }).click()
      await page.waitForTimeout(300)
      expect(await violations(page, '[aria-label="Inspector"]'), tab).toEqual([])
    }
    await app.inspector.getByRole('tab', { name: 'YAML' }).click()
    await app.inspector.getByRole('button', { name: 'Edit' }).click()
    await expect(page.getByLabel(/^YAML of web-/)).toContainText('kind: Pod')
    expect(await violations(page, 'dialog')).toEqual([])
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
    for (const tab of ['Events', 'Requests']) {
      await app.dock.getByRole('tab', { name: tab }).click()
      await page.waitForTimeout(200)
      expect(await violations(page, '[aria-label="Dock"]'), tab).toEqual([])
    }
    await app.transport.getByRole('button', { name: 'Step back' }).click()
    await app.command('kubectl cordon node-1')
    await expect(page.getByRole('button', { name: /branches/ })).toBeVisible()
    expect(await violations(page, '[aria-label="Timeline"]')).toEqual([])
    await page.getByRole('button', { name: 'Cluster', exact: true }).click()
    expect(await violations(page, '[role="menu"]')).toEqual([])
    await page.getByRole('menuitem', { name: 'Keyboard shortcuts' }).click()
    expect(await violations(page, 'dialog')).toEqual([])
  })
