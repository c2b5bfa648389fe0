import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { bundle } from './bundle.mjs'
import { ensureInstalled } from './install.mjs'
import { root } from './root.mjs'

// Runs bench/*.bench.ts, or those whose file name contains one of the arguments, and prints one JSON object on stdout.
// Each runs bundled, in a process of its own and alone; progress goes to stderr.
if (process.argv[2] === '--in-process') {
  const bench = await import(pathToFileURL(process.argv[3]).href)
  const result = await bench.run()
  process.send({ name: bench.name, result }, () => process.exit(0))
} else {
  await ensureInstalled()
  const wanted = process.argv.slice(2)
  const files = readdirSync(`${root}bench`).filter((file) => file.endsWith('.bench.ts') && (wanted.length === 0 || wanted.some((word) => file.includes(word))))
  const results = {}
  for (const file of files) {
    console.error(`bench/${file} …`)
    const { name, result } = await runAlone(await bundle(`bench/${file}`, ['src', 'bench']))
    results[name] = result
  }
  console.log(JSON.stringify(results, null, 2))
}

function runAlone(bundled) {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, ['scripts/bench.mjs', '--in-process', bundled], { cwd: root, stdio: ['ignore', 2, 2, 'ipc'] })
    let message
    child.on('message', (m) => (message = m))
    child.on('error', failed)
    child.on('exit', (code) => (message ? done(message) : failed(new Error(`${bundled} ended with ${code} and no result`))))
  })
}
