import { at, listAt, textAt } from '../api'
import { fail } from '../errors'
import { flagSpecs } from '../flags'
import { printerFor, printFlags } from '../print-flags'
import { ruleRows } from '../describe/cluster'
import { tableText } from '../tabwriter'
import type { Command } from '../verb'

const API = '/apis/authorization.k8s.io/v1'

const canI: Command = {
  name: 'can-i',
  short: 'Check whether an action is allowed',
  usage: 'VERB [TYPE | TYPE/NAME | NONRESOURCEURL] [options]',
  flags: flagSpecs('all-namespaces/A list no-headers quiet/q subresource:string'),
  run(cmd) {
    const { flags, args, io, api, mapper } = cmd
    const namespace = flags.bool('all-namespaces') ? '' : cmd.namespace
    if (flags.bool('list')) {
      const review = api.must({ verb: 'create', path: `${API}/selfsubjectrulesreviews`, body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', metadata: {}, spec: { namespace } } })
      const rows = ruleRows([...listAt(review, 'status', 'resourceRules'), ...listAt(review, 'status', 'nonResourceRules').map((r) => ({ ...r, nonResourceURLs: at(r, 'nonResourceURLs') }))])
      const resources = rows.filter((r) => r[0] !== '')
      const urls = rows.filter((r) => r[0] === '').toSorted((a, b) => ((a[1] ?? '') < (b[1] ?? '') ? -1 : 1))
      return io.out(tableText([...(flags.bool('no-headers') ? [] : [['Resources', 'Non-Resource URLs', 'Resource Names', 'Verbs']]), ...resources, ...urls]))
    }
    if (args.length < 2) throw fail(`you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples.`)
    if (args.length > 2) throw fail(`you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples.`)
    const [verb = '', what = ''] = args
    let spec: Record<string, unknown>
    if (what.startsWith('/')) spec = { nonResourceAttributes: { path: what, verb } }
    else {
      const [type = '', name = ''] = what.split('/')
      const mapping = type === '*' ? undefined : mapper.find(type)
      if (mapping === undefined && type !== '*') io.err(`Warning: the server doesn't have a resource type '${type}'\n\n`)
      else if (mapping !== undefined && !mapping.namespaced && namespace !== '') io.err(`Warning: resource '${mapping.resource}' is not namespace scoped${mapping.group === '' ? '' : ` in group '${mapping.group}'`}\n\n`)
      spec = { resourceAttributes: { ...(mapping?.namespaced === false ? {} : { namespace }), verb, group: type === '*' ? '*' : (mapping?.group ?? ''), resource: mapping?.resource ?? type, ...(name === '' ? {} : { name }), ...(flags.string('subresource') === '' ? {} : { subresource: flags.string('subresource') }) } }
    }
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
  short: 'Experimental: Check self subject attributes',
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
export const auth: Command = { name: 'auth', short: 'Inspect authorization', usage: '[flags] [options]', flags: [], commands: [canI, whoami] }

const certificateAction = (name: string, short: string): Command => ({
  name, short, usage: '(-f FILENAME | NAME) [options]', flags: flagSpecs('filename/f:list force output/o:string'),
  run({ args, api, io }) {
    if (args.length === 0) throw fail('one or more CSRs must be specified as <name> or -f <filename>')
    for (const csr of args) {
      const path = `/apis/certificates.k8s.io/v1/certificatesigningrequests/${csr}`
      const object = api.get(path)
      const type = name === 'approve' ? 'Approved' : 'Denied'
      const conditions = [...listAt(object, 'status', 'conditions'), { type, status: 'True', reason: `Kubectl${name === 'approve' ? 'Approve' : 'Deny'}`, message: `This CSR was ${name === 'approve' ? 'approved' : 'denied'} by kubectl certificate ${name}.` }]
      api.must({ verb: 'update', path: `${path}/approval`, body: { ...object, status: { ...object.status, conditions } } })
      io.out(`certificatesigningrequest.certificates.k8s.io/${csr} ${name === 'approve' ? 'approved' : 'denied'}\n`)
    }
  },
})

/** `kubectl certificate`. Upstream: kubectl/pkg/cmd/certificates */
export const certificate: Command = {
  name: 'certificate', short: 'Modify certificate resources', usage: 'SUBCOMMAND [options]', flags: [],
  commands: [certificateAction('approve', 'Approve a certificate signing request'), certificateAction('deny', 'Deny a certificate signing request')],
}

