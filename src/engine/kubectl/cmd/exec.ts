import { goQuote } from '../../apimachinery'
import type { Thing } from '../api'
import { Fail, fail, problemOf, wordsOf } from '../errors'
import { flagSpecs } from '../flags'
import { pathOf } from '../rest-mapper'
import type { Command, Invocation } from '../verb'
import { containerOf, textOf } from './logs'

function podNamed({ api, mapper, namespace }: Invocation, arg: string): Thing {
  const slash = arg.indexOf('/')
  const mapping = mapper.must(slash < 0 ? 'pods' : arg.slice(0, slash))
  return api.get(pathOf(mapping, namespace, arg.slice(slash + 1)))
}

/** `kubectl exec`. Upstream: kubectl/pkg/cmd/exec/exec.go */
export const exec: Command = {
  name: 'exec',
  short: 'Execute a command in a container',
  usage: '(POD | TYPE/NAME) [-c CONTAINER] [flags] -- COMMAND [args...] [options]',
  complete: 'pod',
  flags: flagSpecs('container/c:string filename/f:list pod-running-timeout:duration quiet/q stdin/i tty/t'),
  run(cmd) {
    const { flags, args, api, io } = cmd
    const dash = flags.dash
    const [name] = args
    if (name === undefined && !flags.has('filename')) throw fail('pod, type/name or --filename must be specified')
    const command = dash < 0 ? args.slice(1) : args.slice(dash)
    if (command.length === 0) throw fail('you must specify at least one command for the container')
    if (dash < 0) throw fail('exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead\nSee \'kubectl exec -h\' for help and examples')
    const pod = podNamed(cmd, name as string)
    const phase = pod.status?.['phase']
    if (phase === 'Succeeded' || phase === 'Failed') throw fail(`cannot exec into a container in a completed pod; current phase is ${phase}`)
    const container = containerOf(pod, flags.string('container'))
    const response = api.try({ verb: 'create', path: `/api/v1/namespaces/${cmd.namespace}/pods/${pod.metadata.name}/exec`, query: { container }, body: { command, stdin: flags.bool('stdin') ? (io.stdin ?? '') : undefined } })
    if (response.code >= 300 || response.code === 0) throw 'status' in problemOf(response) ? fail(`unable to upgrade connection: ${wordsOf(problemOf(response))}`) : new Fail([problemOf(response)])
    const result = response.body as unknown as { stdout?: string; stderr?: string; exitCode?: number }
    io.out(result.stdout ?? textOf(response.body))
    io.err(result.stderr ?? '')
    if (result.exitCode) io.err(`command terminated with exit code ${result.exitCode}\n`)
    return result.exitCode ?? 0
  },
}

const notYet = (what: string): Fail => fail(`${what} is not supported in this simulation yet`)

/** `kubectl attach`. */
export const attach: Command = {
  name: 'attach',
  short: 'Attach to a running container',
  usage: '(POD | TYPE/NAME) -c CONTAINER [options]',
  flags: flagSpecs('container/c:string pod-running-timeout:duration quiet/q stdin/i tty/t'),
  run(cmd) {
    const [name] = cmd.args
    if (name === undefined) throw fail('at least 1 argument is required for attach\nSee \'kubectl attach -h\' for help and examples')
    containerOf(podNamed(cmd, name), cmd.flags.string('container'))
    throw notYet('attach')
  },
}

/** `kubectl cp`. */
export const cp: Command = {
  name: 'cp',
  short: 'Copy files and directories to and from containers',
  usage: '<file-spec-src> <file-spec-dest> [options]',
  flags: flagSpecs('container/c:string no-preserve retries:int'),
  run({ args }) {
    if (args.length !== 2) throw fail('source and destination are required')
    const remote = args.filter((a) => a.includes(':'))
    if (remote.length === 0) throw fail('one of src or dest must be a remote file specification')
    if (remote.length === 2) throw fail('src doesn\'t exist in local filesystem')
    throw notYet('cp')
  },
}

/** `kubectl port-forward`. */
export const portForward: Command = {
  name: 'port-forward',
  short: 'Forward one or more local ports to a pod',
  usage: 'TYPE/NAME [options] [LOCAL_PORT:]REMOTE_PORT [...[LOCAL_PORT_N:]REMOTE_PORT_N]',
  flags: flagSpecs('address:list pod-running-timeout:duration'),
  run(cmd) {
    const [name, ...ports] = cmd.args
    if (name === undefined || ports.length === 0) throw cmd.usage('TYPE/NAME and list of ports are required for port-forward')
    podNamed(cmd, name)
    for (const p of ports) {
      for (const [which, text] of p.split(':').entries()) {
        if (/^\d+$/.test(text) && Number(text) > 65_535) throw fail(`error parsing ${which === 0 && p.includes(':') ? 'local' : 'remote'} port '${text}': strconv.ParseUint: parsing ${goQuote(text)}: value out of range`)
      }
    }
    throw notYet('port-forward')
  },
}

/** `kubectl edit`: needs an editor, which a plain line has not. */
export const edit: Command = {
  name: 'edit',
  short: 'Edit a resource on the server',
  usage: '(RESOURCE/NAME | -f FILENAME) [options]',
  complete: 'type/name',
  flags: flagSpecs('filename/f:list field-manager:string output/o:string output-patch recursive/R save-config show-managed-fields subresource:string validate:string[=strict]=strict windows-line-endings'),
  run(cmd) {
    const [first, second] = cmd.args
    if (first === undefined) throw fail('must specify one of -f and -k')
    const [type = '', name = second ?? ''] = first.split('/')
    cmd.api.get(pathOf(cmd.mapper.must(type), cmd.namespace, name))
    throw notYet('edit')
  },
}

/** `kubectl debug`. */
export const debug: Command = {
  name: 'debug',
  short: 'Create debugging sessions for troubleshooting workloads and nodes',
  usage: '(POD | TYPE[[.VERSION].GROUP]/NAME) [ -- COMMAND [args...] ] [options]',
  flags: flagSpecs('attach container/c:string copy-to:string custom:string env:array filename/f:list image:string image-pull-policy:string keep-annotations keep-init-containers keep-labels keep-liveness keep-readiness keep-startup profile:string quiet/q replace same-node set-image:array share-processes stdin/i target:string tty/t'),
  run(cmd) {
    if (cmd.flags.string('image') === '' && !cmd.flags.has('copy-to')) throw fail('you must specify --image when not using --copy-to.')
    if (cmd.args[0] === undefined) throw fail('NAME is required for debug')
    podNamed(cmd, cmd.args[0])
    throw notYet('debug')
  },
}
