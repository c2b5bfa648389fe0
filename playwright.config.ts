import { defineConfig } from '@playwright/test'
import { findChromium } from './scripts/chromium.mjs'

const port = Number(process.env.E2E_PORT ?? 4199)
const executablePath = await findChromium()

/** What a person does, in a real Chromium, against the built page (`npm run build` first). */
export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  timeout: 120_000, // on a busy machine
  expect: { timeout: 15_000 },
  fullyParallel: true,
  workers: 2, // a test mostly waits for a page to play; more would share two cores
  retries: 0, // a test that sometimes fails is a bug
  reporter: [['list']],
  use: {
    baseURL: `http://127.0.0.1:${port}`,
    viewport: { width: 1440, height: 900 },
    trace: 'retain-on-failure',
    launchOptions: executablePath ? { executablePath } : {},
  },
  webServer: {
    command: `node scripts/serve.mjs ${port}`,
    url: `http://127.0.0.1:${port}/`,
    reuseExistingServer: false,
  },
})
