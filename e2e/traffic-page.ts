import { expect, type Locator } from '@playwright/test'
import { Kubeloop } from './page'

/** A Service of a type in front of the web server. */
export const door = (type: string) => `apiVersion: v1
kind: Service
metadata:
  name: door-${type.toLowerCase()}
spec:
  type: ${type}
  selector:
    app: web
  ports:
  - port: 80
`

/** A pod to ask from. */
export const box = `apiVersion: v1
kind: Pod
metadata:
  name: box
spec:
  containers:
  - name: box
    image: busybox
    command: [sleep, infinity]
`

/** The page with requests in view. */
export class Traffic extends Kubeloop {
  /** Nodes of the ready pods on the map whose names begin so. */
  async tiles(prefix: string): Promise<readonly string[]> {
    return this.map.getByRole('button', { name: new RegExp(`^Pod ${prefix}\\S*, Running, 1/1 ready, on `) }).evaluateAll((tiles) => tiles.map((tile) => / on (\S+)$/.exec(tile.getAttribute('aria-label') ?? '')?.[1] ?? ''))
  }

  get map(): Locator {
    return this.page.getByRole('application', { name: /^Cluster map/ })
  }

  /** What the picture says, in words. */
  get told(): Locator {
    return this.map.getByRole('list', { name: 'Requests on the map' })
  }

  async layer(name: 'Control' | 'Traffic'): Promise<void> {
    await this.page.getByRole('group', { name: 'Layer' }).getByRole('button', { name }).click()
  }

  /** The picture of requests, pixel by pixel, when it has come to rest. */
  async requestPicture(): Promise<string> {
    let before = ''
    for (let i = 0; i < 40; i++) {
      const now = await this.page.locator('canvas.traffic-canvas').evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL())
      if (now === before) return now
      before = now
      await this.page.waitForTimeout(300) // answers about rules come a little later than the frame
    }
    throw new Error('the picture does not come to rest')
  }

  /** Selects something in the list, scrolling to it, and comes back to the map. */
  async select(name: string): Promise<void> {
    await this.view('List')
    const line = this.list.getByRole('button', { name: new RegExp(`^${name}(,|$)`) }).first()
    for (let i = 0; i < 60 && !(await line.isVisible()); i++) {
      await this.list.hover()
      await this.page.mouse.wheel(0, 500)
      await this.page.waitForTimeout(50)
    }
    await line.click()
    await this.view('Map')
  }
}

/** A cluster with three web servers behind a Service, and a pod to ask from. */
export async function withWeb(kubeloop: Traffic, more = ''): Promise<void> {
  const { page } = kubeloop
  await page.getByRole('button', { name: /^Web server/ }).first().click()
  await kubeloop.apply(`${box}${more}`)
  await kubeloop.runUntil('10× real time', async () => {
    await expect.poll(() => kubeloop.tiles('web-')).toHaveLength(3)
    await expect.poll(() => kubeloop.tiles('box')).toHaveLength(1)
  })
  // A moment later the proxies have heard of the endpoints too.
  await kubeloop.runUntil('10× real time', () => page.waitForTimeout(300))
}

/** Fills in the dialog and sends. */
export async function send(kubeloop: Traffic, from: string, to: string): Promise<void> {
  const { page } = kubeloop
  const tools = page.getByRole('region', { name: 'Tools' })
  await tools.getByRole('button', { name: 'Send a request' }).click()
  const dialog = page.getByRole('dialog', { name: 'Send one request' })
  await dialog.getByLabel('From').selectOption({ label: from })
  await dialog.getByLabel(/^To/).fill(to)
  await dialog.getByRole('button', { name: 'Send', exact: true }).click()
}

/** Begins a constant load. */
export async function load(kubeloop: Traffic, from: string, to: string, rate: number): Promise<void> {
  const { page } = kubeloop
  await page.getByRole('region', { name: 'Tools' }).getByRole('button', { name: 'Generate load' }).click()
  const dialog = page.getByRole('dialog', { name: 'Generate load' })
  await dialog.getByLabel('From', { exact: true }).selectOption({ label: from })
  await dialog.getByLabel(/^To, name/).fill(to)
  await dialog.getByLabel('Requests a second').fill(String(rate))
  await dialog.getByRole('button', { name: 'Start' }).click()
}
