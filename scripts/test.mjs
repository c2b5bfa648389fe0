import { readFileSync, rmSync } from 'node:fs'
import { ensureChromium } from './chromium.mjs'
import { ensureInstalled } from './install.mjs'
import { cacheDir, node, run } from './root.mjs'

// npm test: everything, in the order in which a mistake is cheapest to find. Stops at the first step that fails.
// The last line is always `N passed, N failed` with an optional `, N skipped`, summed over Vitest and Playwright.
await ensureInstalled()
const unitReport = `${cacheDir()}/vitest.json`
const browserReport = `${cacheDir()}/playwright.json`
for (const file of [unitReport, browserReport]) rmSync(file, { force: true })

/** @type {[name: string, step: () => Promise<number>][]} */
const steps = [
  ['types', () => node('typescript/bin/tsc', ['-p', '.'])],
  ['engine types', () => node('typescript/bin/tsc', ['-p', 'tsconfig.engine.json'])],
  ['lint', () => node('oxlint/bin/oxlint', ['--type-aware', '--deny-warnings'])],
  ['unused code', () => node('knip/bin/knip.js', [])],
  ['unit and simulation tests', () => node('vitest/vitest.mjs', ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${unitReport}`])],
  ['build', () => node('vite/bin/vite.js', ['build', '--logLevel', 'warn'])],
  ['size', () => run(process.execPath, ['scripts/size.mjs'])],
  ['browser tests', browserTests],
]

async function browserTests() {
  const env = { ...process.env, CHROMIUM_BIN: await ensureChromium(), PLAYWRIGHT_JSON_OUTPUT_NAME: browserReport }
  return node('@playwright/test/cli.js', ['test', '--reporter=list,json'], { env })
}

const started = Date.now()
const total = { passed: 0, failed: 0, skipped: 0 }
let code = 0
for (const [name, step] of steps) {
  console.log(`\n── ${name}`)
  try {
    code = await step()
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    code = 1
  }
  if (code !== 0) {
    console.error(`\n✗ ${name}: exit code ${code}`)
    break
  }
}

const unit = read(unitReport)
if (unit) add(unit.numPassedTests, unit.numFailedTests, unit.numPendingTests + unit.numTodoTests)
const browser = read(browserReport)?.stats
if (browser) add(browser.expected, browser.unexpected + browser.flaky, browser.skipped)
if (code !== 0 && total.failed === 0) total.failed = 1 // the step itself
if (total.failed > 0 && code === 0) code = 1

console.log(`\n${Math.round((Date.now() - started) / 1000)} s`)
console.log(`${total.passed} passed, ${total.failed} failed${total.skipped ? `, ${total.skipped} skipped` : ''}`)
process.exitCode = code

function add(passed, failed, skipped) {
  total.passed += passed
  total.failed += failed
  total.skipped += skipped
}

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}
