import { describe, expect, test } from 'vitest'
import { controllers } from '../../kube-controller-manager'
import { readCommandLine } from './command-line'
import { launchControllerManager } from './controller-manager'
import { componentFlags } from './flags'
import { readKubeconfig, unreachable } from './kubeconfig'
import { launchApiserver } from './kube-apiserver'
import type { Launch } from './launch'

const read = (program: string, ...words: string[]) => readCommandLine(words, componentFlags[program] ?? new Map(), program)
const kubeconfig = (server: string) => `apiVersion: v1\nkind: Config\nclusters: [{name: k, cluster: {server: "${server}"}}]\ncontexts: [{name: c, context: {cluster: k, user: u}}]\ncurrent-context: c\nusers: [{name: u}]\n`

/** A machine on which every file is there. */
function launchOf(program: string, ...words: string[]): Launch {
  const line = read(program, ...words)
  if ('error' in line) throw new Error(line.error)
  return { line, read: (path) => (path.endsWith('.conf') ? kubeconfig('https://10.0.0.10:6443') : '-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\n'), volumeAt: (path) => path, address: '10.0.0.10', node: 'control-plane', members: ['etcd-0', 'etcd-1'] }
}

describe('a command line', () => {
  const good: readonly (readonly [string, readonly string[], Readonly<Record<string, string>>])[] = [
    ['kube-scheduler', ['--leader-elect=false'], { 'leader-elect': 'false' }],
    ['kube-scheduler', ['--leader-elect'], { 'leader-elect': 'true' }],
    ['kube-scheduler', ['--leader_elect=false', '-v=4'], { 'leader-elect': 'false', v: '4' }],
    ['kube-apiserver', ['--secure-port', '6443'], { 'secure-port': '6443' }],
    ['kube-controller-manager', ['--node-monitor-grace-period=1m30s'], { 'node-monitor-grace-period': '1m30s' }],
    ['etcd', ['-name', 'a', '--client-cert-auth'], { name: 'a', 'client-cert-auth': 'true' }],
  ]
  for (const [program, words, values] of good) test(`${program} ${words.join(' ')} is read`, () => expect(Object.fromEntries((read(program, ...words) as { values: Map<string, string> }).values)).toEqual(values))

  const bad: readonly (readonly [string, readonly string[], string])[] = [
    ['kube-apiserver', ['--foo'], 'unknown flag: --foo'],
    ['kube-controller-manager', ['--pod-eviction-timeout=30s'], 'unknown flag: --pod-eviction-timeout'],
    ['kube-scheduler', ['-x'], "unknown shorthand flag: 'x' in -x"],
    ['kube-scheduler', ['extra'], '"kube-scheduler" does not take any arguments, got ["extra"]'],
    ['kube-apiserver', ['--secure-port'], 'flag needs an argument: --secure-port'],
    ['kube-apiserver', ['--secure-port=x'], 'invalid argument "x" for "--secure-port" flag: strconv.ParseInt: parsing "x": invalid syntax'],
    ['kube-apiserver', ['--=x'], 'bad flag syntax: --=x'],
    ['kube-controller-manager', ['--node-monitor-period=5'], 'invalid argument "5" for "--node-monitor-period" flag: time: missing unit in duration "5"'],
    ['kube-controller-manager', ['--node-eviction-rate=fast'], 'invalid argument "fast" for "--node-eviction-rate" flag: strconv.ParseFloat: parsing "fast": invalid syntax'],
    ['etcd', ['--foo=1'], 'flag provided but not defined: -foo'],
    ['etcd', ['--client-cert-auth=maybe'], 'invalid boolean value "maybe" for -client-cert-auth: parse error'],
  ]
  for (const [program, words, error] of bad) test(`${program} ${words.join(' ')} is refused`, () => expect(read(program, ...words)).toEqual({ error }))
})

describe('--controllers', () => {
  const disabled = (value: string) => (launchControllerManager(launchOf('kube-controller-manager', '--kubeconfig=/a.conf', `--controllers=${value}`)).params as { disabled: readonly string[] }).disabled
  test('knows every controller of this model by its name of v1.36', () => {
    expect(disabled('*')).toEqual([])
    expect([...disabled('bootstrap-signer-controller')].sort()).toEqual(controllers.map((c) => c.name).sort())
  })
  test('turns single ones off, by either name; the first word about one counts', () => {
    expect(disabled('*,-deployment-controller,-cronjob')).toEqual(['deployment', 'cronjob'])
    expect(disabled('-job,*,job')).toEqual(['job'])
  })
})

describe('--etcd-servers', () => {
  const verdict = (servers: string) => launchApiserver(launchOf('kube-apiserver', `--etcd-servers=${servers}`, '--service-account-issuer=https://x', '--service-account-signing-key-file=/k'))
  test('names the members by their ports', () => {
    expect(verdict('https://127.0.0.1:2379').params).toBeDefined()
    expect(verdict('https://127.0.0.1:2378,https://10.0.0.10:2389').params).toBeDefined()
    for (const wrong of ['https://127.0.0.1:2378', 'http://127.0.0.1:2379', 'https://10.0.0.11:2379', 'hhttps://127.0.0.1:2379']) expect(verdict(wrong), wrong).toMatchObject({ exit: 255 })
  })
})

describe('a kubeconfig', () => {
  const file = (text: string | undefined) => readKubeconfig({ read: () => text }, '/x.conf')
  test('names its server, or cannot be used', () => {
    expect(file(kubeconfig('https://a:1'))).toEqual({ server: 'https://a:1' })
    expect(file(undefined)).toEqual({ error: 'stat /x.conf: no such file or directory' })
    expect(file('')).toEqual({ error: 'invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable' })
    expect(file(kubeconfig('https://a:1').replace('current-context: c', 'current-context: d'))).toEqual({ error: 'invalid configuration: context was not found for specified context: d' })
    expect(file('a: [')).toMatchObject({ error: expect.stringContaining('error loading config file "/x.conf": yaml: ') })
  })
  test('leads somewhere, or not', () => {
    const to = (server: string) => unreachable(['10.0.0.10'], server)
    expect(to('https://10.0.0.10:6443')).toBeUndefined()
    expect(to('https://10.0.0.10:6444')).toBe('dial tcp 10.0.0.10:6444: connect: connection refused')
    expect(to('https://10.0.0.99:6443')).toBe('dial tcp 10.0.0.99:6443: i/o timeout')
    expect(to('https://nowhere:6443')).toBe('dial tcp: lookup nowhere: no such host')
    expect(to('https://127.0.0.1:6443')).toBe('dial tcp 127.0.0.1:6443: connect: connection refused')
  })
})
