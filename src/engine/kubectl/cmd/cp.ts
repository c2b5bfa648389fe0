import { fail } from '../errors'
import { flagSpecs } from '../flags'
import { chosenContainer, execIn } from '../pods'
import type { Command, Invocation } from '../verb'

interface Place {
  readonly namespace: string
  readonly pod: string
  readonly path: string
}

/** `[namespace/]pod:path`, or a path of the machine. Upstream: kubectl/pkg/cmd/cp extractFileSpec */
function placeOf(cmd: Invocation, arg: string): Place {
  const at = arg.indexOf(':')
  if (at < 0) return { namespace: '', pod: '', path: arg }
  const pod = arg.slice(0, at)
  const path = arg.slice(at + 1)
  if (pod === '') throw fail('filespec must match the canonical format: [[namespace/]pod:]file/path')
  const parts = pod.split('/')
  if (parts.length > 2) throw fail('filespec must match the canonical format: [[namespace/]pod:]file/path')
  return parts.length === 2 ? { namespace: parts[0] as string, pod: parts[1] as string, path } : { namespace: cmd.namespace, pod, path }
}

const quote = (path: string): string => `'${path.replaceAll("'", `'\\''`)}'`
const base = (path: string): string => path.replace(/\/+$/, '').slice(path.replace(/\/+$/, '').lastIndexOf('/') + 1)

/** `kubectl cp`: upstream moves a tar through exec; here files go one by one. Upstream: kubectl/pkg/cmd/cp/cp.go */
export const cp: Command = {
  name: 'cp',
  complete: 'file',
  flags: flagSpecs('container/c:string no-preserve retries:int'),
  run(cmd) {
    const { args, io, api } = cmd
    if (args.length !== 2) throw fail('source and destination are required')
    const [from, to] = args.map((a) => placeOf(cmd, a)) as [Place, Place]
    if (from.pod !== '' && to.pod !== '') throw fail('one of src or dest must be a local file specification')
    if (from.path === '' || to.path === '') throw fail('filepath can not be empty')
    if (from.pod === '' && to.pod === '') throw fail('one of src or dest must be a remote file specification')
    const remote = from.pod === '' ? to : from
    const local = from.pod === '' ? from : to
    const { machine } = io
    if (from.pod === '' && machine.read(local.path) === undefined && !machine.isDir(local.path)) throw fail(`${local.path} doesn't exist in local filesystem`)
    const pod = api.get(`/api/v1/namespaces/${remote.namespace}/pods/${remote.pod}`)
    const container = chosenContainer(cmd, pod)
    const run = (script: string, stdin?: string): { stdout: string; ok: boolean } => {
      const r = execIn(cmd, pod, container, ['sh', '-c', script], stdin)
      if (r.exitCode !== 0 && stdin !== undefined) io.err(r.stderr)
      return { stdout: r.stdout, ok: r.exitCode === 0 }
    }
    if (from.pod === '') {
      const isDir = machine.isDir(local.path)
      const files = isDir ? machine.below(local.path) : [machine.path(local.path)]
      const target = run(`test -d ${quote(remote.path)}`).ok ? `${remote.path.replace(/\/+$/, '')}/${base(machine.path(local.path))}` : remote.path
      for (const file of files) {
        const path = isDir ? target + file.slice(machine.path(local.path).length) : target
        const parent = path.slice(0, path.lastIndexOf('/'))
        const done = run(`${parent === '' ? '' : `mkdir -p ${quote(parent)} && `}cat > ${quote(path)}`, machine.read(file) ?? '')
        if (!done.ok) throw fail('command terminated with exit code 1', true)
      }
      return 0
    }
    const write = (path: string, text: string): void => {
      machine.makeDir(path.slice(0, path.lastIndexOf('/')) || '/', true)
      const why = machine.write(path, text)
      if (why !== undefined) throw fail(`open ${path}: ${why.toLowerCase()}`)
    }
    const target = machine.isDir(local.path) ? `${machine.path(local.path)}/${base(remote.path)}` : machine.path(local.path)
    if (run(`test -d ${quote(remote.path)}`).ok) {
      const found = run(`find ${quote(remote.path)} -type f`).stdout.split('\n').filter(Boolean)
      for (const path of found.slice(0, 100)) write(target + path.slice(remote.path.replace(/\/+$/, '').length), run(`cat ${quote(path)}`).stdout)
      return 0
    }
    const got = run(`cat ${quote(remote.path)}`)
    if (!got.ok) {
      io.err(`tar: ${remote.path.replace(/^\//, '')}: Cannot stat: No such file or directory\ntar: Exiting with failure status due to previous errors\n`)
      throw fail('command terminated with exit code 2', true)
    }
    if (remote.path.startsWith('/')) io.out("tar: Removing leading `/' from member names\n")
    write(target, got.stdout)
    return 0
  },
}
