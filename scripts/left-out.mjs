import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './root.mjs'

const id = 'virtual:left-out'

/** Rooms whose folder does not say what they stand for; the others are called as upstream calls them. */
const names = {
  'engine/api': 'k8s.io/api (types and schema)',
  'engine/apimachinery': 'k8s.io/apimachinery',
  'engine/client-go': 'k8s.io/client-go',
  'engine/cni': 'CNI plugin and pod network',
  'engine/coredns': 'CoreDNS',
  'engine/cri': 'containerd (CRI)',
  'engine/kube-apiserver/registry': 'kube-apiserver: registry',
  'engine/local-path-provisioner': 'local-path-provisioner',
  'engine/metrics-server': 'metrics-server',
  'engine/checkers': 'Checkers (Kubeloop’s own)',
  'engine/cluster': 'kubeadm and machines',
  'engine/network': 'Network between machines',
  'engine/sim': 'Simulation (Kubeloop’s own)',
  'engine/traffic': 'Traffic',
  'engine/shell': 'Shells and their text programs',
  'engine/workloads': 'Programs in containers',
  bridge: 'Worker (Kubeloop’s own)',
  hosts: 'Headless runner (Kubeloop’s own)',
  ui: 'Page',
}

/** Order of the page: what a learner meets first. What is not named follows by its path. */
const order = [
  'engine/kubectl', 'engine/kube-apiserver', 'engine/kube-apiserver/registry', 'engine/etcd', 'engine/kube-controller-manager', 'engine/kube-scheduler',
  'engine/kubelet', 'engine/cri', 'engine/workloads', 'engine/shell', 'engine/cni', 'engine/kube-proxy', 'engine/coredns', 'engine/traffic',
]
const last = ['engine/checkers', 'engine/network', 'engine/sim', 'bridge', 'hosts', 'ui']

/** READMEs of the rooms: `room` is the folder below src/. */
export function readmes() {
  const found = []
  const visit = (room) => {
    const file = join(root, 'src', room, 'README.md')
    if (room !== 'engine' && existsSync(file)) found.push({ room, text: readFileSync(file, 'utf8') })
    for (const entry of readdirSync(join(root, 'src', room), { withFileTypes: true })) if (entry.isDirectory()) visit(`${room}/${entry.name}`)
  }
  for (const room of ['engine', 'bridge', 'hosts', 'ui']) if (existsSync(join(root, 'src', room))) visit(room)
  return found
}

/**
 * What a README says is left out, as paragraphs and list items (`- `): its section of that title, or else its
 * paragraph that begins a sentence so. Tables are proof, not prose: they are passed over.
 */
export function leftOutOf(markdown) {
  const section = /^#+\s*Left out[^\n]*\n([^]*?)(?=^#+\s|(?![^]))/im.exec(markdown)
  const text = section ? section[1] : (/(?:^|[\s.*])(?:\*\*)?Left out(?:\*\*)?(?::\*\*|\*\*:|:)\s*([^]*?)(?=\n\s*\n|\n#|(?![^]))/.exec(markdown)?.[1] ?? '')
  const lines = []
  let open = false
  for (const line of text.split('\n')) {
    const trimmed = line.trim()
    if (trimmed === '' || trimmed.startsWith('|')) open = false
    else if (/^[-*] /.test(trimmed)) {
      lines.push(`- ${trimmed.slice(2)}`)
      open = true
    } else if (open) lines[lines.length - 1] += ` ${trimmed}`
    else {
      lines.push(trimmed)
      open = true
    }
  }
  return lines
}

/** The page "What this model leaves out": its rooms in order, each with what it leaves out. */
export function leftOutRooms() {
  const rank = ({ room }) => (order.includes(room) ? order.indexOf(room) : last.includes(room) ? 200 + last.indexOf(room) : 100)
  return readmes()
    .map(({ room, text }) => ({ room, name: names[room] ?? room.slice(room.lastIndexOf('/') + 1), lines: leftOutOf(text) }))
    .filter(({ lines }) => lines.length > 0)
    .sort((a, b) => rank(a) - rank(b) || (a.room < b.room ? -1 : 1))
}

/** Vite plugin: gives the page what the READMEs say, so that the page cannot say anything else. */
export const leftOut = () => ({
  name: 'kubeloop:left-out',
  resolveId: (source) => (source === id ? `\0${id}` : undefined),
  load(resolved) {
    if (resolved !== `\0${id}`) return undefined
    for (const { room } of readmes()) this.addWatchFile(join(root, 'src', room, 'README.md'))
    return `export const rooms = ${JSON.stringify(leftOutRooms())}`
  },
})
