import { expect, test } from '@playwright/test'
import { Kubeloop } from './page'

const crashLooper = `apiVersion: v1
kind: Pod
metadata:
  name: looper
spec:
  containers:
  - name: c
    image: busybox
    command: ["sh", "-c", "echo begun; sleep 3; echo broken; exit 1"]
`

/** A terminal in a cluster whose time runs. */
async function running(app: Kubeloop, speed = '10× real time'): Promise<void> {
  await app.speed(speed)
  await app.play()
}

test('a command is written, completed with Tab, corrected, and answered', async ({ page }) => {
  const app = await new Kubeloop(page).open()
  await running(app)
  await app.type('kubectl ge')
  await page.keyboard.press('Tab')
  await page.keyboard.type('nodes node-1 --no-headerz')
  await page.keyboard.press('Backspace')
  await page.keyboard.type('s')
  await page.keyboard.press('Enter')
  await expect(app.log).toContainText('$ kubectl get nodes node-1 --no-headers')
  await expect(app.log).toContainText(/node-1\s+Ready\s+<none>/)
})

test('names of the cluster are completed, and a list is offered', async ({ page }) => {
  const app = await new Kubeloop(page).open()
  await running(app)
  await app.command('kubectl create deployment web --image=nginx')
  await expect(app.log).toContainText('deployment.apps/web created')
  await app.type('kubectl get deploy w')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await expect(app.log).toContainText('$ kubectl get deploy web')
  await app.type('kubectl cordon node-')
  await page.keyboard.press('Tab')
  await expect(page.locator('.xterm-rows')).toContainText('node-3')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await expect(app.log).toContainText(/\$ kubectl cordon node-[12]\s*node\/node-[12] cordoned/)
})

test('a watch follows what happens, Ctrl-C ends it, another shell works meanwhile', async ({ page }) => {
  const app = await new Kubeloop(page).open()
  await running(app)
  await app.command('kubectl get pods -w')
  await expect(app.log).toContainText('$ kubectl get pods -w')
  await page.getByRole('button', { name: 'New shell' }).click()
  await app.command('kubectl create deployment web --image=nginx')
  await expect(app.log).toContainText('deployment.apps/web created')
  await expect(app.log).not.toContainText('get pods -w')
  await page.getByRole('button', { name: 'Shell 1' }).click()
  await expect(app.log).toContainText(/web-\S+\s+1\/1\s+Running/)
  await app.type('')
  await page.keyboard.press('Control+C')
  await expect(app.log).toContainText('^C')
  await app.command('kubectl get pods --no-headers')
  await expect(app.log).toContainText(/\$ kubectl get pods --no-headers\s*web-\S+\s+1\/1\s+Running/)
})

test('the arrows and Ctrl-R bring lines back, those of clicks too', async ({ page }) => {
  const app = await new Kubeloop(page).open()
  await app.view('List')
  await running(app)
  await app.command('kubectl create deployment web --image=nginx')
  await app.expectRunning('web-', 1)
  await app.list.getByRole('button', { name: /^Node node-2,/ }).click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Cordon' }).click()
  await expect(app.log).toContainText(/\$ kubectl cordon node-2\s*node\/node-2 cordoned/)
  await app.type('')
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('Home')
  await page.keyboard.press('Control+ArrowRight')
  await page.keyboard.type(' un')
  await page.keyboard.press('Delete')
  await page.keyboard.press('Enter')
  await expect(app.log).toContainText(/\$ kubectl uncordon node-2\s*node\/node-2 uncordoned/)
  await app.type('')
  await page.keyboard.press('Control+R')
  await page.keyboard.type('create dep')
  await expect(page.locator('.xterm-rows')).toContainText('reverse-i-search')
  await page.keyboard.press('Enter')
  await expect(app.log).toContainText('deployments.apps "web" already exists')
})

test('rewinding takes the output back to that moment', async ({ page }) => {
  const app = await new Kubeloop(page).open()
  await running(app)
  await app.command('kubectl create deployment web --image=nginx')
  await expect(app.log).toContainText('deployment.apps/web created')
  await app.command('kubectl get deployments')
  await expect(app.log).toContainText('UP-TO-DATE')
  await app.pause()
  const before = await app.log.textContent()
  const back = app.transport.getByRole('button', { name: 'Step back' })
  await expect(async () => {
    await back.click()
    await expect(app.log).not.toContainText('UP-TO-DATE', { timeout: 300 })
  }).toPass({ timeout: 20_000 })
  await expect(page.locator('.xterm-rows')).not.toContainText('UP-TO-DATE')
  const forward = app.transport.getByRole('button', { name: 'Step forward' })
  await expect(async () => {
    await forward.click()
    await expect(app.log).toContainText('UP-TO-DATE', { timeout: 300 })
  }).toPass({ timeout: 20_000 })
  expect((await app.log.textContent())?.startsWith(before?.slice(0, 120) ?? '-')).toBe(true)
})

test('a live object is edited', async ({ page }) => {
  const app = await new Kubeloop(page).open()
  await app.view('List')
  await running(app)
  await app.command('kubectl create deployment web --image=nginx')
  await app.expectRunning('web-', 1)
  await app.command('kubectl edit deployment web')
  const dialog = page.getByRole('dialog', { name: /^Edit / })
  const text = dialog.getByLabel(/^Text of /)
  await expect(text).toContainText('Please edit the object below')
  const replicas = dialog.locator('.cm-line', { hasText: /^ {2}replicas: 1$/ })
  await text.focus()
  await page.keyboard.press('Control+Home')
  await expect(async () => {
    for (let i = 0; i < 10; i++) await page.keyboard.press('ArrowDown')
    await expect(replicas).toBeVisible({ timeout: 100 })
  }).toPass()
  await replicas.click()
  await page.keyboard.press('End')
  await page.keyboard.press('Backspace')
  await page.keyboard.type('3')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(app.log).toContainText('deployment.apps/web edited')
  await app.expectRunning('web-', 3)
})

test('the log of a crash-looper is followed to its end', async ({ page }) => {
  const app = await new Kubeloop(page).open()
  await running(app)
  await app.type('')
  await app.paste(`kubectl apply -f - <<EOF\n${crashLooper}EOF\n`)
  await expect(app.log).toContainText('pod/looper created')
  await expect(async () => {
    await app.command('kubectl logs -f looper')
    await expect(app.log).toContainText(/begun\s*broken/, { timeout: 3000 })
  }).toPass({ timeout: 20_000 })
  await app.command('kubectl get pod looper')
  await expect(app.log).toContainText(/looper\s+0\/1\s+(?:CrashLoopBackOff|Error|Running)|looper\s+1\/1\s+Running/)
})

test('a manifest of 300 lines is pasted into the terminal', async ({ page }) => {
  const app = await new Kubeloop(page).open()
  await running(app)
  const data = Array.from({ length: 294 }, (_, i) => `  key-${i}: "value ${i}"`).join('\n')
  await app.type('')
  await app.paste(`kubectl apply -f - <<'EOF'\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: large\ndata:\n${data}\nEOF\n`)
  await expect(app.log).toContainText('configmap/large created')
  await app.command("kubectl get configmap large -o jsonpath='{.data.key-293}'")
  await expect(app.log).toContainText('value 293')
})

test('a command that hangs can be left, and an endless line does no harm', async ({ page }) => {
  const app = await new Kubeloop(page).open()
  await running(app)
  await app.type('')
  await app.paste(`echo ${'x'.repeat(100_000)}`)
  await page.keyboard.press('Control+U')
  await app.command("echo 'unclosed")
  await expect(page.locator('.xterm-rows')).toContainText('>')
  await page.keyboard.press('Control+C')
  await app.command('kubectl get $(rm -rf)')
  await expect(app.log).toContainText('$ kubectl get $(rm -rf)')
  await app.command('kubectl get nodes --no-headers')
  await expect(app.log).toContainText(/node-2\s+Ready/)
})
