import { journey, journeysSince, serviceSeconds, type KubeObject, type TraceRecord, type TrafficState } from '../engine/cluster'
import { autoscalerHistory } from './autoscaler-history'
import { filePaths, fileText } from './machine-files'
import type { Question } from './protocol'
import type { Session } from './session'
import { tryOut } from './try-out'

/** Answers a question about the present moment. Errors: throws with a sentence for the person who asked. */
export function answer(session: Session, question: Question): unknown {
  const { cluster } = session
  switch (question.about) {
    case 'object': {
      const o = cluster.object(question.resource, question.namespace, question.name)
      if (o === undefined) throw new Error(`${question.resource} "${question.name}" not found`)
      // As kubectl prints it: who owns which field is asked for by name.
      if (o.metadata.managedFields === undefined) return o
      const { managedFields: _, ...metadata } = o.metadata
      return { ...o, metadata }
    }
    case 'events':
      if (question.kind === '') return newestEvents([...cluster.objects('events')] as readonly TimedEvent[])
      return [...cluster.objects('events')].filter((e) => {
        const about = (e as KubeObject & { involvedObject: { kind: string; name: string; namespace?: string } }).involvedObject
        return about.kind === question.kind && about.name === question.name && (question.namespace === '' || about.namespace === question.namespace)
      })
    case 'decision':
      return cluster.decision(question.namespace, question.name) ?? null
    case 'why': {
      const { trace } = cluster.sim
      let newest: TraceRecord | undefined
      trace.forEach(trace.oldest, (r) => {
        if (r.kind === 'handled' && r.object?.name === question.name && r.object.namespace === question.namespace && r.object.resource.split('/')[0] === question.resource && r.what !== 'GET') newest = r
      })
      return newest === undefined ? [] : trace.because(newest.id, 60).map((r) => ({ ...r, at: r.at - cluster.boot }))
    }
    case 'journey': {
      const found = traffic(session) && journey(traffic(session) as TrafficState, question.id)
      if (!found) throw new Error(`journey ${question.id} is not among the last ones any more`)
      return found
    }
    case 'journeys': {
      const { outcome, service, most = 200 } = question
      const state = traffic(session)
      return state ? journeysSince(state, 0, 1000).filter((j) => (outcome === undefined || j.outcome === outcome) && (service === undefined || j.service === service)).reverse().slice(0, most) : []
    }
    case 'rules':
      return cluster.nodeRules(question.node) ?? null
    case 'service-rules':
      return cluster.serviceRules(question.service, question.nodes)
    case 'autoscaler':
      return autoscalerHistory(session, question.namespace, question.name)
    case 'service-stats': {
      const state = traffic(session)
      return state ? serviceSeconds(state, `${question.namespace}/${question.name}`, cluster.boot) : []
    }
    case 'complete':
      // The driver answers it, as soon as kubectl is there.
      return null
    case 'try':
      return tryOut(cluster, question.commands)
    case 'file':
      return question.path === '' ? filePaths(cluster) : fileText(cluster, question.path)
    case 'report':
      return JSON.stringify({ kubeloop: 'report', session: session.saved(), step: session.step, trace: cluster.sim.traceHash(), last: cluster.sim.lastRecords(300) }, null, 1)
  }
}

function traffic(session: Session): TrafficState | undefined {
  return session.cluster.sim.stateOf<TrafficState>('traffic')
}

interface TimedEvent extends KubeObject {
  readonly lastTimestamp?: string | null
  readonly eventTime?: string | null
}

/** Most events of the whole cluster in one answer. */
const mostEvents = 500

function newestEvents(events: readonly TimedEvent[]): readonly TimedEvent[] {
  const time = (e: TimedEvent): string => e.lastTimestamp ?? e.eventTime ?? e.metadata.creationTimestamp ?? ''
  return events.length <= mostEvents ? events : events.toSorted((a, b) => (time(a) < time(b) ? 1 : time(a) > time(b) ? -1 : 0)).slice(0, mostEvents)
}
