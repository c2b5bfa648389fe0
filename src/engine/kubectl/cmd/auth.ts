import { formatTime, goQuote } from '../../apimachinery'
import { at, listAt, textAt, type Thing } from '../api'
import { find } from '../builder'
import { fail, problemOf, type Problem } from '../errors'
import { flagSpecs } from '../flags'
import { printerFor, printFlags, printResult } from '../print-flags'
import { kindDotGroup, pathOf } from '../rest-mapper'
import { ruleRows } from '../describe/cluster'
import { tableText } from '../tabwriter'
import type { Command, Invocation } from '../verb'
import { fileFlags, filesOf } from './apply'
import { reconcile } from './auth-reconcile'
import { throwAll } from './get'

const API = '/apis/authorization.k8s.io/v1'

const KNOWN_VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection', 'use', 'bind', 'impersonate', '*', 'approve', 'sign', 'escalate', 'attest']
const KNOWN_URL_VERBS = ['get', 'put', 'post', 'head', 'options', 'delete', 'patch', '*']

/** What is asked for, with upstream's warnings. Upstream: cani.go Complete, Validate */
function attributes(cmd: Invocation, namespace: string): Record<string, unknown> {
  const { flags, args, io, mapper } = cmd
  const [verb = '', what = ''] = args
  const sub = flags.string('subresource')
  const warn = (text: string): void => io.err(`Warning: ${text}\n\n`)
  if (what.startsWith('/')) {
    if (sub !== '') throw fail('--subresource can not be used with NonResourceURL')
    if (!KNOWN_URL_VERBS.includes(verb)) warn(`verb '${verb}' is not a known verb`)
    return { nonResourceAttributes: { path: what, verb } }
  }
  const slash = what.indexOf('/')
  const [type, name] = slash < 0 ? [what, ''] : [what.slice(0, slash), what.slice(slash + 1)]
  const mapping = type === '*' ? undefined : mapper.find(type)
  if (mapping === undefined && type !== '*' && type !== 'users' && type !== 'groups') {
    const dot = type.indexOf('.')
    warn(dot < 0 ? `the server doesn't have a resource type '${type.toLowerCase()}'` : `the server doesn't have a resource type '${type.slice(0, dot).toLowerCase()}' in group '${type.slice(dot + 1).toLowerCase()}'`)
  }
  if (mapping?.namespaced === false && namespace !== '') warn(`resource '${mapping.resource}' is not namespace scoped${mapping.group === '' ? '' : ` in group '${mapping.group}'`}`)
  if (type !== '' && !flags.bool('all-namespaces') && !KNOWN_VERBS.includes(verb)) warn(`verb '${verb}' is not a known verb`)
  return { resourceAttributes: { ...(namespace === '' ? {} : { namespace }), verb, group: mapping?.group ?? '', resource: mapping?.resource ?? type, ...(name === '' ? {} : { name }), ...(sub === '' ? {} : { subresource: sub }) } }
}

const canI: Command = {
  name: 'can-i',
  flags: flagSpecs('all-namespaces/A list no-headers quiet/q subresource:string'),
  run(cmd) {
    const { flags, args, io, api } = cmd
    const namespace = flags.bool('all-namespaces') ? '' : cmd.namespace
    if (flags.bool('list')) {
      if (args.length > 0) throw fail('list option must be specified with no arguments')
      if (flags.bool('quiet') || flags.bool('all-namespaces') || flags.string('subresource') !== '') throw fail("list option can't be specified with neither quiet, all-namespaces nor subresource options")
      const review = api.must({ verb: 'create', path: `${API}/selfsubjectrulesreviews`, body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', metadata: {}, spec: { namespace } } })
      if (at(review, 'status', 'incomplete') === true) io.err(`Warning: the list may be incomplete: ${textAt(review, 'status', 'evaluationError')}\n`)
      const rows = ruleRows([...listAt(review, 'status', 'resourceRules'), ...listAt(review, 'status', 'nonResourceRules').map((r) => ({ ...r, nonResourceURLs: at(r, 'nonResourceURLs') }))])
      return io.out(tableText([...(flags.bool('no-headers') ? [] : [['Resources', 'Non-Resource URLs', 'Resource Names', 'Verbs']]), ...rows]))
    }
    if (args.length !== 2) throw fail(`you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples.`)
    const spec = attributes(cmd, namespace)
    if (flags.bool('no-headers')) throw fail('--no-headers cannot be set without --list specified')
    const review = api.must({ verb: 'create', path: `${API}/selfsubjectaccessreviews`, body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', metadata: {}, spec } })
    const allowed = at(review, 'status', 'allowed') === true
    const reason = textAt(review, 'status', 'reason')
    const error = textAt(review, 'status', 'evaluationError')
    if (!flags.bool('quiet')) io.out(allowed ? 'yes\n' : `no${reason === '' ? '' : ` - ${reason}`}${error === '' ? '' : ` - ${error}`}\n`)
    return allowed ? 0 : 1
  },
}

const whoami: Command = {
  name: 'whoami',
  flags: printFlags,
  run({ api, io, flags }) {
    const review = api.must({ verb: 'create', path: '/apis/authentication.k8s.io/v1/selfsubjectreviews', body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview', metadata: {} } })
    const printer = printerFor(flags, io)
    if (printer !== undefined) return printer.print(review)
    const info = at(review, 'status', 'userInfo')
    const rows = [['ATTRIBUTE', 'VALUE'], ['Username', textAt(info, 'username')], ...(textAt(info, 'uid') === '' ? [] : [['UID', textAt(info, 'uid')]]), ['Groups', `[${listAt<string>(info, 'groups').join(' ')}]`]]
    for (const [k, v] of Object.entries(at<Record<string, string[]>>(info, 'extra') ?? {})) rows.push([`Extra: ${k}`, `[${v.join(' ')}]`])
    io.out(tableText(rows))
  },
}

/** `kubectl auth`. Upstream: kubectl/pkg/cmd/auth */
export const auth: Command = { name: 'auth', flags: [], commands: [canI, reconcile, whoami] }

/** Upstream: certificates.go modifyCertificateCondition, addConditionIfNeeded */
const certificateAction = (name: string, type: string, otherwise: string): Command => ({
  name,
  flags: [...printFlags, ...fileFlags, ...flagSpecs('force')],
  run(cmd) {
    const { args, api, io, flags, mapper } = cmd
    const files = filesOf(flags)
    if (args.length === 0 && files.length === 0) throw fail('one or more CSRs must be specified as <name> or -f <filename>')
    const { infos, problems: bad } = find({ args: args.length === 0 ? [] : ['certificatesigningrequests', ...args], files, recursive: flags.bool('recursive'), stdin: io.stdin, namespace: cmd.namespace, fetch: true }, api, mapper)
    const problems: Problem[] = [...bad]
    let found = 0
    for (const { mapping, name: csr, object } of infos) {
      if (mapping.kind !== 'CertificateSigningRequest') {
        problems.push({ text: `can only handle CertificateSigningRequest.certificates.k8s.io objects, got ${kindDotGroup(mapping)}` })
        continue
      }
      const conditions = listAt(object, 'status', 'conditions')
      if (conditions.some((c) => textAt(c, 'type') === otherwise)) {
        problems.push({ text: `certificate signing request ${goQuote(csr)} is already ${otherwise}` })
        continue
      }
      const has = conditions.some((c) => textAt(c, 'type') === type)
      if (!has || flags.bool('force')) {
        const added = has ? [] : [{ lastUpdateTime: formatTime(io.now()), type, status: 'True', reason: `Kubectl${name === 'approve' ? 'Approve' : 'Deny'}`, message: `This CSR was ${name === 'approve' ? 'approved' : 'denied'} by kubectl certificate ${name}.` }]
        const response = api.try({ verb: 'update', path: pathOf(mapping, '', csr, 'approval'), body: { ...(object as Thing), status: { ...object?.status, conditions: [...conditions, ...added] } } })
        if (response.code !== 200) {
          problems.push(problemOf(response))
          continue
        }
      }
      found++
      printResult(object as Thing, name === 'approve' ? 'approved' : 'denied', flags, io)
    }
    throwAll(problems)
    if (found === 0) io.out('No resources found\n')
  },
})

/** `kubectl certificate`. Upstream: kubectl/pkg/cmd/certificates */
export const certificate: Command = {
  name: 'certificate', flags: [],
  commands: [certificateAction('approve', 'Approved', 'Denied'), certificateAction('deny', 'Denied', 'Approved')],
}

