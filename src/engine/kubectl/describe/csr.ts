import { humanDuration, parseCertificateRequest } from '../../apimachinery'
import { at, listAt, mapAt, textAt } from '../api'
import { fail } from '../errors'
import type { Describer } from './describer'
import { mapText, rfc1123z } from './writer'

const SUBJECT = [['Organization', '2.5.4.10'], ['Organizational Unit', '2.5.4.11'], ['Country', '2.5.4.6'], ['Locality', '2.5.4.7'], ['Province', '2.5.4.8'], ['StreetAddress', '2.5.4.9'], ['PostalCode', '2.5.4.17']] as const

/** Upstream: describe.go describeCertificateSigningRequest */
export const certificateSigningRequest: Describer = (d) => {
  const { w, object } = d
  const { spec, status } = object
  const request = parseCertificateRequest(textAt(spec, 'request'))
  if (request === undefined) throw fail('Error parsing CSR: PEM block type must be CERTIFICATE REQUEST')
  w.field('Name', object.metadata.name)
  w.field('Labels', mapText(mapAt(object, 'metadata', 'labels')))
  w.field('Annotations', mapText(mapAt(object, 'metadata', 'annotations')))
  w.field('CreationTimestamp', rfc1123z(object.metadata.creationTimestamp ?? ''))
  w.field('Requesting User', textAt(spec, 'username'))
  if (textAt(spec, 'signerName') !== '') w.field('Signer', textAt(spec, 'signerName'))
  if (at(spec, 'expirationSeconds') !== undefined) w.field('Requested Duration', humanDuration(Number(textAt(spec, 'expirationSeconds'))))
  const has = (type: string): boolean => listAt(status, 'conditions').some((c) => c['type'] === type)
  w.field('Status', `${has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending'}${has('Failed') ? ',Failed' : ''}${textAt(status, 'certificate') === '' ? '' : ',Issued'}`)
  const list = (title: string, some: readonly string[]): void => {
    if (some.length > 0) w.line(0, `\t${title}:\t${some.join('\n\t\t')}`)
  }
  const { subject, dns, emails, uris, ips } = request
  w.line(0, 'Subject:')
  w.line(0, `\tCommon Name:\t${subject.get('2.5.4.3')?.at(-1) ?? ''}`)
  w.line(0, `\tSerial Number:\t${subject.get('2.5.4.5')?.at(-1) ?? ''}`)
  for (const [title, key] of SUBJECT) list(title, subject.get(key) ?? [])
  if (dns.length + emails.length + ips.length + uris.length > 0) w.line(0, 'Subject Alternative Names:')
  list('DNS Names', dns)
  list('Email Addresses', emails)
  list('URIs', uris)
  list('IP Addresses', ips)
  w.events(d.events())
}
