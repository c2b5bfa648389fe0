import { parseTime } from '../../apimachinery'
import { textAt, type Thing } from '../api'
import { fail } from '../errors'
import { interval, lastSeen } from '../event-text'
import { flagSpecs } from '../flags'
import { printerFor, printFlags } from '../print-flags'
import { tableText } from '../tabwriter'
import type { Command } from '../verb'

/** `kubectl events`. Upstream: kubectl/pkg/cmd/events/events.go */
export const events: Command = {
  name: 'events',
  flags: [...printFlags, ...flagSpecs('all-namespaces/A chunk-size:int=500 for:string no-headers types:list watch/w')],
  run(cmd) {
    const { flags, io, api, mapper } = cmd
    const all = flags.bool('all-namespaces')
    const types = flags.list('types').map((t) => t.toLowerCase())
    const bad = flags.list('types').find((t) => !['normal', 'warning'].includes(t.toLowerCase()))
    if (bad !== undefined) throw fail(`valid --types are Normal or Warning`)
    let fieldSelector = ''
    const about = flags.string('for')
    if (about !== '') {
      const [type = '', name = ''] = about.split('/')
      if (name === '') throw fail('--for must be in resource/name form')
      const mapping = mapper.must(type)
      fieldSelector = `involvedObject.kind=${mapping.kind},involvedObject.name=${name}`
    }
    const path = all ? '/api/v1/events' : `/api/v1/namespaces/${cmd.namespace}/events`
    const query: Record<string, string> = fieldSelector === '' ? { limit: '500' } : { fieldSelector, limit: '500' }
    const list = api.list(path, query)
    const keep = (e: Thing): boolean => types.length === 0 || types.includes(textAt(e, 'type').toLowerCase())
    const items = list.items.filter(keep).toSorted((a, b) => (parseTime(lastSeen(a)) ?? 0) - (parseTime(lastSeen(b)) ?? 0))
    const printer = printerFor(flags, io)
    if (printer !== undefined) {
      printer.print({ apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' }, items: items.map((i) => ({ apiVersion: 'v1', kind: 'Event', ...i })) } as unknown as Thing)
      printer.finish?.()
      return
    }
    if (items.length === 0 && !flags.bool('watch')) {
      io.err(all ? 'No events found.\n' : `No events found in ${cmd.namespace} namespace.\n`)
      return
    }
    const now = io.now()
    const row = (e: Thing): string[] => [...(all ? [e.metadata.namespace ?? ''] : []), interval(e, now), textAt(e, 'type'), textAt(e, 'reason'), `${textAt(e, 'involvedObject', 'kind')}/${textAt(e, 'involvedObject', 'name')}`, textAt(e, 'message').trim()]
    const header = flags.bool('no-headers') ? [] : [[...(all ? ['NAMESPACE'] : []), 'LAST SEEN', 'TYPE', 'REASON', 'OBJECT', 'MESSAGE']]
    io.out(tableText([...header, ...items.map(row)]))
    if (!flags.bool('watch')) return
    const stream = io.watch({ verb: 'watch', path, query: { ...(fieldSelector === '' ? {} : { fieldSelector }), resourceVersion: list.metadata.resourceVersion ?? '' } })
    for (;;) {
      const event = stream.next()
      if (!('object' in event) || event.type === 'ERROR') return
      if (event.type !== 'BOOKMARK' && event.type !== 'DELETED' && keep(event.object as Thing)) io.out(tableText([row(event.object as Thing)]))
    }
  },
}
