import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'

const line = 'kubectl create deployment web --image=nginx:1.27 --replicas=4'
const fault = { kind: 'node-down', node: 'node-2' }

test('the browser worker and Node give the same trace for the same seed and inputs', async ({ page }) => {
  const script = { seed: 9, preset: 'default', steps: [{ t: 1, cmd: line }, { t: 30, fault }], end: 100 }
  const file = join(mkdtempSync(join(tmpdir(), 'kubeloop-')), 'script.json')
  writeFileSync(file, JSON.stringify(script))
  const report = JSON.parse(execFileSync('npm', ['run', '--silent', 'headless', '--', file], { encoding: 'utf8', maxBuffer: 1 << 28 })) as { trace: string }

  const worker = readdirSync('dist/assets').find((name) => /^worker-.*\.js$/.test(name))
  expect(worker).toBeDefined()
  await page.goto('/')
  const trace = await page.evaluate(
    async ({ url, line, fault }) => {
      const w = new Worker(url, { type: 'module' })
      let settle: (value: unknown) => void = () => {}
      w.onmessage = ({ data }) => data.type === 'answer' && settle(data.value)
      w.postMessage({ type: 'start', seed: 9, preset: 'default' })
      for (const [at, input] of [[1e6, { type: 'kubectl', line }], [30e6, { type: 'fault', fault }]]) {
        w.postMessage({ type: 'seek', to: { at } })
        w.postMessage({ type: 'input', id: 1, input })
      }
      w.postMessage({ type: 'seek', to: { at: 100e6 } })
      const answer = new Promise((done) => (settle = done))
      w.postMessage({ type: 'ask', id: 1, question: { about: 'report' } })
      const { trace } = JSON.parse((await answer) as string) as { trace: string }
      w.terminate()
      return trace
    },
    { url: `/assets/${worker}`, line, fault },
  )
  expect(trace).toBe(report.trace)
})
