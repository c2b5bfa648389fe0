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

test('vi is written in, saved and left by keys alone, and the shell goes on', async ({ page }) => {
  const app = await new Kubeloop(page).open()
  await running(app)
  await app.command('vi note.txt')
  await expect(page.getByRole('dialog', { name: 'Edit note.txt' }).getByLabel('Text of note.txt')).toBeFocused()
  await page.keyboard.type('a line')
  await page.keyboard.press('Control+Enter')
  await expect(page.getByRole('textbox', { name: 'Command' })).toBeFocused()
  await page.keyboard.type('wc -w note.txt')
  await page.keyboard.press('Enter')
  await expect(app.log).toContainText('2 note.txt')
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

test('exec into a pod shows the file that a volume brought', async ({ page }) => {
  const app = await new Kubeloop(page).open()
  await app.view('List')
  await running(app)
  await app.type('')
  await app.paste(`kubectl apply -f - <<'EOF'
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  app.properties: |
    colour=green
    mode=calm
---
apiVersion: v1
kind: Pod
metadata:
  name: reader
spec:
  containers:
  - name: c
    image: busybox
    command: ["sh", "-c", "sleep 3600"]
    volumeMounts:
    - name: settings
      mountPath: /etc/settings
  volumes:
  - name: settings
    configMap:
      name: settings
EOF
`)
  await app.expectRunning('reader', 1)
  await app.command('kubectl exec reader -- cat /etc/settings/app.properties')
  await expect(app.log).toContainText(/cat \/etc\/settings\/app\.properties\s*colour=green\s*mode=calm/)
  // A shell in the container takes lines until it is left.
  await app.command('kubectl exec -it reader -- sh')
  await expect(page.locator('.xterm-rows')).toContainText('/ #')
  await app.command('cd /etc/settings')
  await expect(page.locator('.xterm-rows')).toContainText('/etc/settings #')
  await app.command('ls')
  await expect(app.log).toContainText(/\/etc\/settings # ls\s*app\.properties/)
  await app.command('exit')
  await app.command('kubectl get pod reader --no-headers')
  await expect(app.log).toContainText(/\$ kubectl get pod reader --no-headers\s*reader\s+1\/1/)
})

test('files dropped on the terminal are files there', async ({ page }) => {
  const app = await new Kubeloop(page).open()
  await running(app)
  await app.dockTab('Terminal')
  await page.locator('[data-takes-files]').evaluate((element) => {
    const dataTransfer = new DataTransfer()
    dataTransfer.items.add(new File(['apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: dropped\n'], 'dropped.yaml'))
    dataTransfer.items.add(new File(['words to count\n'], 'words.txt'))
    element.dispatchEvent(new DragEvent('dragenter', { dataTransfer, bubbles: true, cancelable: true }))
  })
  await expect(page.getByText("Drop files into the terminal's home folder")).toBeVisible()
  await page.locator('[data-takes-files]').evaluate((element) => {
    const dataTransfer = new DataTransfer()
    dataTransfer.items.add(new File(['apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: dropped\n'], 'dropped.yaml'))
    dataTransfer.items.add(new File(['words to count\n'], 'words.txt'))
    element.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }))
  })
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await expect(page.getByText('2 files are in your home folder')).toBeVisible()
  await app.command('cat words.txt | wc -w')
  await expect(app.log).toContainText(/wc -w\s*3/)
  await app.command('kubectl apply -f dropped.yaml')
  await expect(app.log).toContainText('configmap/dropped created')
})

test('shells and what was typed in each are there again after a reload', async ({ page }) => {
  const app = await new Kubeloop(page).open()
  await running(app)
  await app.command('echo from the first')
  await expect(app.log).toContainText(/\$ echo from the first\s*from the first/)
  await page.getByRole('button', { name: 'New shell' }).click()
  await app.command('echo from the second')
  await expect(app.log).toContainText(/\$ echo from the second\s*from the second/)
  await app.pause()
  await page.waitForTimeout(500) // the session is stored a moment later
  await page.reload()
  await expect(app.transport.getByRole('button', { name: 'Play' })).toBeEnabled({ timeout: 10_000 })
  await expect(app.log).toContainText('from the second')
  await expect(app.log).not.toContainText('from the first')
  await page.getByRole('button', { name: 'Shell 1' }).click()
  await expect(app.log).toContainText('from the first')
  await expect(app.log).not.toContainText('from the second')
})

test('what is marked in the terminal is copied, and pasted again', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const app = await new Kubeloop(page).open()
  await running(app)
  await app.command('echo quokka')
  await expect(app.log).toContainText(/\$ echo quokka\s*quokka/)
  const row = page.locator('.xterm-rows > div', { hasText: /^quokka/ }).first()
  const box = await row.boundingBox()
  await page.mouse.dblclick((box?.x ?? 0) + 12, (box?.y ?? 0) + 8)
  await page.keyboard.press('Control+C')
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe('quokka')
  await app.type('echo twice ')
  await page.keyboard.press('Control+V')
  await page.keyboard.press('Enter')
  await expect(app.log).toContainText('twice quokka')
})
