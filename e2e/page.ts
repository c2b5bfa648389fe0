import { readFileSync } from 'node:fs'
import { expect, type Locator, type Page } from '@playwright/test'

/** The guestbook application, as a person would paste it. */
export const guestbook = readFileSync(new URL('fixtures/guestbook.yaml', import.meta.url), 'utf8')

/** Pods of the guestbook. */
export const guestbookPods = 6

/** A pod as the list tells it. */
export interface PodLine {
  readonly name: string
  readonly status: string
  readonly ready: string
  readonly node: string | null
  readonly ip: string
}

/** The page as a person uses it: everything by its accessible name. */
export class Kubeloop {
  readonly transport: Locator
  readonly list: Locator
  readonly inspector: Locator
  readonly dock: Locator

  constructor(readonly page: Page) {
    this.transport = page.getByRole('toolbar', { name: 'Transport' })
    this.list = page.getByRole('list', { name: 'Cluster' })
    this.inspector = page.getByRole('region', { name: 'Inspector' })
    this.dock = page.getByRole('region', { name: /^(Dock|Timeline and dock)$/ })
  }

  /** Opens the page and waits for its cluster. */
  async open(url = '/'): Promise<this> {
    await this.page.goto(url)
    await expect(this.transport.getByRole('button', { name: 'Play' })).toBeEnabled({ timeout: 10_000 })
    return this
  }

  async view(name: 'Map' | 'List'): Promise<void> {
    await this.page.getByRole('group', { name: 'View' }).getByRole('button', { name }).click()
    if (name === 'List') await expect(this.list.getByRole('button', { name: /^kube-apiserver,/ })).toBeVisible()
  }

  dockTab(name: 'Terminal' | 'YAML' | 'Events'): Promise<void> {
    return this.dock.getByRole('tab', { name }).click()
  }

  async speed(name: string): Promise<void> {
    await this.transport.getByRole('button', { name: /^Speed/ }).click()
    await this.page.getByRole('menuitemradio', { name, exact: true }).click()
  }

  async play(): Promise<void> {
    await this.transport.getByRole('button', { name: 'Play' }).click()
    await expect(this.transport.getByRole('button', { name: 'Pause' })).toBeVisible()
  }

  async pause(): Promise<void> {
    const pause = this.transport.getByRole('button', { name: 'Pause' })
    if (await pause.isVisible()) await pause.click()
    await expect(this.transport.getByRole('button', { name: 'Play' })).toBeVisible()
  }

  /** Lets time run fast until something holds, then stops it. */
  async runUntil(speed: string, holds: () => Promise<void>): Promise<void> {
    await this.speed(speed)
    await this.play()
    await holds()
    await this.pause()
  }

  /** Simulated seconds since the session began. */
  now(): Promise<number> {
    return this.page.evaluate(readClock)
  }

  /** The same when the clock has swept to where time stands still. */
  async settledNow(): Promise<number> {
    let before = Number.NaN
    for (;;) {
      const now = await this.now()
      if (now === before) return now
      before = now
      await this.page.waitForTimeout(80)
    }
  }

  /** Writes manifests into the YAML tab and applies them. */
  async apply(yaml: string): Promise<void> {
    await this.dockTab('YAML')
    await this.page.getByLabel('Manifests').fill(yaml)
    await this.page.getByRole('button', { name: 'Apply', exact: true }).click()
  }

  get result(): Locator {
    return this.page.getByLabel('Result')
  }

  /** Types a command into the terminal. */
  async command(line: string): Promise<void> {
    await this.type('')
    await this.paste(line) // at once: time may be running
    await this.page.keyboard.press('Enter')
  }

  /** Writes into the terminal's line. */
  async type(keys: string): Promise<void> {
    await this.dockTab('Terminal')
    await this.page.getByRole('textbox', { name: 'Command' }).focus()
    await this.page.keyboard.type(keys)
  }

  /** What the terminal says, as a screen reader hears it. */
  get log(): Locator {
    return this.page.getByRole('log', { name: 'Output of commands' })
  }

  /** Puts a text into what has the focus as a paste does. */
  async paste(text: string): Promise<void> {
    await this.page.evaluate((pasted) => {
      const clipboardData = new DataTransfer()
      clipboardData.setData('text/plain', pasted)
      document.activeElement?.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
    }, text)
  }

  /** Lines of the YAML editor; short texts only, because it keeps only what is in view in the document. */
  async manifests(): Promise<string> {
    return (await this.page.locator('[aria-label="Manifests"] .cm-line').allTextContents()).join('\n')
  }

  /** The pods in the list whose names begin so; the list must be in view. */
  async pods(prefix = ''): Promise<readonly PodLine[]> {
    return this.list.getByRole('button', { name: new RegExp(`^Pod ${prefix}`) }).evaluateAll((lines) =>
      lines.map((line) => {
        const [, name = '', status = '', ready = '', place = ''] = /^Pod (\S+), (\S+) (\S+), (.*)$/.exec(line.getAttribute('aria-label') ?? '') ?? []
        return { name, status, ready, node: place.startsWith('on ') ? place.slice(3) : null, ip: /10\.244\.\d+\.\d+/.exec(line.textContent ?? '')?.[0] ?? '' }
      }),
    )
  }

  /** Waits until exactly `count` pods of a name run and are ready. */
  async expectRunning(prefix: string, count: number, timeout = 12_000): Promise<void> {
    await expect.poll(async () => (await this.pods(prefix)).map((pod) => `${pod.status} ${pod.ready}`), { timeout, intervals: [50] }).toEqual(Array.from({ length: count }, () => 'Running 1/1'))
  }

  /** All that the list says, with clock and revision: a picture of a moment that can be compared. */
  async picture(): Promise<string> {
    return this.page.evaluate(() => [document.querySelector('header'), ...document.querySelectorAll('[aria-label="Cluster"] li')].map((part) => part?.textContent).join('\n'))
  }
}

/** Runs in the page. */
function readClock(): number {
  const text = /(?:(\d+):)?(\d\d):(\d\d)\.(\d+)/.exec(document.querySelector('header')?.textContent ?? '')
  return text ? Number(text[1] ?? 0) * 3600 + Number(text[2]) * 60 + Number(text[3]) + Number(`0.${text[4]}`) : Number.NaN
}
