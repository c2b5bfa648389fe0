import { inputOf } from './frames'
import { redis } from './redis'
import { say, type Command, type CommandResult, type Run } from './command'

/** Clients of servers, with the port they speak to and what they say when the server answers. */
const clients: Readonly<Record<string, readonly [port: number, says: string]>> = {
  'redis-cli': [6379, 'PONG'], mysqladmin: [3306, 'mysqld is alive'], mysql: [3306, ''], mariadb: [3306, ''], 'mariadb-admin': [3306, 'mysqld is alive'], pg_isready: [5432, 'accepting connections'], psql: [5432, ''],
  mongo: [27017, '{ "ok" : 1 }'], mongosh: [27017, '{ ok: 1 }'], rabbitmqctl: [5672, ''], 'rabbitmq-diagnostics': [5672, 'Ping succeeded'], 'zookeeper-ready': [2181, ''], 'zkOk.sh': [2181, ''], cqlsh: [9042, ''], nodetool: [9042, ''], etcdctl: [2379, '127.0.0.1:2379 is healthy: successfully committed proposal'],
}

/** Clients with a prompt of their own, and what they say at the end. What databases keep is not simulated: each statement is told so. */
const prompts: Readonly<Record<string, readonly [prompt: string, bye: string]>> = { mysql: ['mysql> ', 'Bye'], mariadb: ['MariaDB [(none)]> ', 'Bye'], psql: ['postgres=# ', ''], mongosh: ['test> ', ''], mongo: ['> ', 'bye'], cqlsh: ['cqlsh> ', ''] }

const statements = /(^|\s)(-e|-c|--execute|--command|--eval)(\s|=|$)/

/** A client's prompt: it reads until it is left. */
function talk(run: Run, name: string): CommandResult {
  const [prompt, bye] = prompts[name] as readonly [string, string]
  const pipe = inputOf(run.thread)
  if (pipe.writers === 0 && run.frame.count === 0) return 0
  if (run.frame.count++ === 0) run.io.out(prompt)
  for (;;) {
    const cut = pipe.text.indexOf('\n')
    const line = pipe.text.slice(0, cut).trim()
    if (cut < 0 && pipe.writers > 0) return 'input'
    pipe.text = pipe.text.slice(cut + 1)
    if (cut < 0 || /^(exit|quit|\\q)\s*(\(\))?;?$/i.test(line)) {
      if (bye !== '') say(run, bye)
      return 0
    }
    run.io.out(`${line === '' ? '' : 'ERROR: the server answers, but what databases keep is not simulated: statements are not run\n'}${prompt}`)
  }
}

function client(name: string): Command {
  const [port, says] = clients[name] as readonly [number, string]
  return (run: Run, args): CommandResult => {
    if (run.frame.count > 0) return talk(run, name)
    const at = args.findIndex((a) => a === '-h' || a === '--host')
    const joined = args.find((a) => /^(-h|--host=)./.test(a) && a !== '-h')
    const host = at >= 0 ? (args[at + 1] ?? '') : joined !== undefined ? joined.replace(/^(-h|--host=)/, '') : '127.0.0.1'
    const a = run.io.request({ kind: 'connect', host, port, path: '', method: '', agent: name })
    if (!a.ok) {
      run.io.err(name === 'redis-cli' ? `Could not connect to Redis at ${host}:${port}: Connection refused\n` : name === 'pg_isready' ? `${host}:${port} - no response\n` : `${name}: could not connect to ${host}:${port}\n`)
      return name === 'pg_isready' ? 2 : 1
    }
    if (name === 'pg_isready') say(run, `${host}:${port} - ${says}`)
    else if (Object.hasOwn(prompts, name) && !statements.test(args.join(' '))) return talk(run, name)
    else if (name !== 'redis-cli' || args.some((x) => x.toLowerCase() === 'ping')) {
      if (says !== '') say(run, says)
    } else say(run, 'OK')
    return 0
  }
}

/** `nginx -s quit` and its kin: the first process ends; it reads its files anew at each request. */
function nginx(run: Run, args: readonly string[]): CommandResult {
  if (args.includes('-v') || args.includes('-V')) run.io.err('nginx version: nginx/1.29.0\n')
  if (args.includes('-t')) run.io.err('nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\nnginx: configuration file /etc/nginx/nginx.conf test is successful\n')
  const to = args[args.indexOf('-s') + 1]
  if (args.includes('-s') && (to === 'quit' || to === 'stop')) run.io.signal?.('QUIT')
  return 0
}

/** Clients of the servers in the catalogue, as exec probes use them. */
export const clientCommands: Readonly<Record<string, Command>> = { ...Object.fromEntries(Object.keys(clients).map((name) => [name, client(name)])), nginx, 'redis-cli': redis }
