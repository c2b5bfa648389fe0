import { humanDuration, namesOf, parseCertificateRequest, valuesOf } from '../../apimachinery'
import { at, listAt, mapAt, textAt } from '../api'
import { fail } from '../errors'
import type { Describer } from './describer'
import { mapText, rfc1123z } from './writer'

const SUBJECT = [['Organization', 'O'], ['Organizational Unit', 'OU'], ['Country', 'C'], ['Locality', 'L'], ['Province', 'ST'], ['StreetAddress', 'street'], ['PostalCode', 'postalCode']] as const
const NAMES = [['DNS Names', 'DNS'], ['Email Addresses', 'email'], ['URIs', 'URI'], ['IP Addresses', 'IP Address']] as const

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
  w.line(0, 'Subject:')
  w.line(0, `\tCommon Name:\t${valuesOf(request.subject, 'CN').at(-1) ?? ''}`)
  w.line(0, `\tSerial Number:\t${valuesOf(request.subject, 'serialNumber').at(-1) ?? ''}`)
  for (const [title, attribute] of SUBJECT) list(title, valuesOf(request.subject, attribute))
  if (request.names.length > 0) w.line(0, 'Subject Alternative Names:')
  for (const [title, kind] of NAMES) list(title, namesOf(request, kind))
  w.events(d.events())
}
