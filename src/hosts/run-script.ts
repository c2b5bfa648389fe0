import { Cluster, parseTime, presets, recordedPreset, type ClusterConfig, type CommandOutput, type KubeObject } from '../engine/cluster'
import * as docs from '../engine/api-docs'
import { kubectl, provideDocs, provideFiles } from '../engine/kubectl'
import { sampleFiles } from '../scenarios'
import type { Script } from './script'

/** What a script's run gives. Times in seconds. */
export interface Report {
  readonly commands: readonly { t: number; cmd: string; rc: number; stdout: string; stderr: string }[]
  readonly watch: readonly { readonly t: number; readonly kind: string; readonly ev: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: KubeObject }[]
  /** Digest of the whole trace: equal for equal seed, preset and inputs, in Node and in the browser. */
  readonly trace: string
}

/** Runs a script. Errors: throws with one line that names the place. */
export function runScript(script: Script, file: string): Report {
  // As in the page.
  provideDocs(docs)
  provideFiles(sampleFiles)
  const cluster = new Cluster(configOf(script, file)).install(kubectl).bootUp()
  const steps = script.steps.map((step, index) => ({ step, index })).sort((a, b) => a.step.t - b.step.t || a.index - b.index)
  const commands: { t: number; cmd: string; rc: number; stdout: string; stderr: string }[] = []
  const byNumber = new Map<number, (typeof commands)[number]>()
  const watch: Report['watch'][number][] = []
  let read = cluster.sim.trace.nextId
  let revision = cluster.store.revision
  const gather = () => {
    const { trace } = cluster.sim
    trace.forEach(read, (record) => {
      if (record.kind === 'output') {
        const { command, stream, text } = record.detail as CommandOutput
        const c = byNumber.get(command)
        if (c === undefined) return
        if (stream === 'exit') c.rc = Number(text)
        // Nobody is there to type: the editor fails, input ends.
        else if (stream === 'edit' || stream === 'prompt') cluster.sim.post(`kubectl/${command}`, { type: 'kubectl/edited', text: null } as never)
        else if (stream !== 'line') c[stream] += text
      } else if (record.kind === 'store' || record.kind === 'timer') {
        const t = (record.at - cluster.boot) / 1e6
        for (const event of cluster.store.since(revision + 1) ?? []) {
          if (record.revision !== undefined && event.kv.modRevision > record.revision) break
          revision = event.kv.modRevision
          const object = event.kv.value
          watch.push({ t, kind: event.kv.key.split('/')[2] as string, ev: event.type === 'delete' ? 'DELETED' : event.previous ? 'MODIFIED' : 'ADDED', object })
        }
      }
    })
    read = trace.nextId
  }
  for (const { step, index } of steps) {
    runTo(cluster, Math.round(step.t * 1e6), gather)
    if ('cmd' in step) {
      const { command } = cluster.input({ type: 'kubectl', line: step.cmd, stdin: step.stdin })
      const entry = { t: step.t, cmd: step.cmd, rc: -1, stdout: '', stderr: '' }
      commands.push(entry)
      byNumber.set(command as number, entry)
      // As in a terminal: the next step is typed when this command has ended.
      while (entry.rc < 0 && cluster.now < script.end * 1e6) runTo(cluster, cluster.now + 5_000, gather)
    } else {
      const { error } = cluster.input({ type: 'fault', fault: step.fault })
      if (error !== undefined) throw new Error(`${file}: steps.${index}.fault: ${error}`)
    }
  }
  runTo(cluster, Math.round(script.end * 1e6), gather)
  return { commands, watch, trace: cluster.sim.traceHash() }
}

/** Runs to a time in bites small enough for the trace's ring. */
function runTo(cluster: Cluster, until: number, gather: () => void): void {
  if (until < cluster.now) return
  while (!cluster.run(until, 5_000)) gather()
  gather()
}

function configOf(script: Script, file: string): ClusterConfig {
  const start = script.start === undefined ? undefined : parseTime(script.start)
  if (script.preset === 'recorded') return recordedPreset(script.seed, script.images, start, script.namespace)
  const preset = presets.find((p) => p.id === script.preset)
  if (preset === undefined) throw new Error(`${file}: preset: no preset named "${script.preset}"; there are ${presets.map((p) => p.id).join(', ')}`)
  const config = preset.make(script.seed)
  return { ...config, start: start ?? config.start, namespace: script.namespace ?? config.namespace }
}
