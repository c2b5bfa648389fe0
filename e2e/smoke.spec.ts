import { expect, test } from '@playwright/test'

test('the page opens without an error in the console', async ({ page }) => {
  const problems: string[] = []
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()))
  page.on('pageerror', (error) => problems.push(String(error)))
  await page.goto('/')
  await expect(page).toHaveTitle('Kubeloop')
  await expect(page.locator('#root')).not.toBeEmpty()
  expect(problems).toEqual([])
})
