import type { RuleDecision } from '../../../bridge/protocol'
import { Glyph, cx, durationText, numberText } from '../../kit'

const viaWords: Readonly<Record<RuleDecision['via'], string>> = { 'cluster-ip': 'cluster IP', 'external-ip': 'external IP', 'load-balancer': 'load balancer’s address', 'node-port': 'node port' }

/** What a node's rules decided: which rule, by which chance, among which endpoints, and how new they were. `at`: when; `short`: in one line, unless something is wrong. */
export function Decision({ rule, at, open, short }: { readonly rule: RuleDecision; readonly at: number; readonly open: boolean; readonly short: boolean }) {
  const stale = rule.currentRevision > rule.revision
  const age = durationText(at - rule.writtenAt)
  if (short && !stale && !rule.proxyDown) return <p className="text-11/[17px] text-text3">by the rules of {rule.service.slice(rule.service.indexOf('/') + 1)} on {rule.node}: {chanceText(rule)}</p>
  return (
    <div className="mt-1.5 rounded-2 border border-line1 bg-bg2 p-2 text-11/[17px]">
      {(stale || rule.proxyDown) && (
        <p className="mb-1.5 flex items-start gap-1.5 text-warn">
          <span className="pt-0.5"><Glyph name="warn" /></span>
          <span>{stale ? `Stale rules: made from revision ${numberText(rule.revision)}, the API has ${numberText(rule.currentRevision)}. ` : ''}{rule.proxyDown ? `kube-proxy on ${rule.node} does not run: its rules stay as they are.` : ''}</span>
        </p>
      )}
      <dl className="grid grid-cols-[72px_minmax(0,1fr)] gap-x-2">
        <dt className="text-text3">Service</dt><dd><span className="mono wrap-anywhere">{rule.service}</span>, by {viaWords[rule.via]}</dd>
        {rule.chains.length > 0 && <><dt className="text-text3">Chains</dt><dd className="mono">{rule.chains.map((chain, i) => <span key={chain} className="block wrap-anywhere">{i > 0 && <span className="text-text3">› </span>}{chain} </span>)}</dd></>}
        <dt className="text-text3">Chance</dt><dd>{chanceText(rule)}</dd>
        {rule.masquerade && <><dt className="text-text3">SNAT</dt><dd>the source becomes {rule.node}’s address</dd></>}
        <dt className="text-text3">Rules</dt><dd>{rule.mode}, revision <span className="mono">{numberText(rule.revision)}</span>, written {age} before</dd>
      </dl>
      {rule.endpoints.length > 0 && (
        <ul className="mono mt-1.5 border-t border-line1 pt-1" aria-label="Endpoints in the rule">
          {rule.endpoints.map((endpoint, i) => {
            const picked = i === rule.picked
            if (!open && !picked && rule.endpoints.length > 4) return null
            return (
              <li key={endpoint} className={cx('flex justify-between rounded-1 px-1', picked && 'bg-accent-soft font-semibold text-accent')}>
                <span>{endpoint}</span><span>{i === rule.endpoints.length - 1 && rule.of === rule.endpoints.length ? 'rest' : rule.mode === 'iptables' ? `p ${(1 / (rule.of - i)).toFixed(2)}` : `1/${rule.of}`}</span>
              </li>
            )
          })}
          {rule.of > rule.endpoints.length && <li className="px-1 text-text3">+{rule.of - rule.endpoints.length} more</li>}
        </ul>
      )}
    </div>
  )
}

function chanceText(rule: RuleDecision): string {
  if (rule.picked < 0) return 'no endpoint to choose'
  if (rule.sticky) return 'none: session affinity keeps the client'
  if (rule.of === 1) return 'none: the only endpoint'
  if (rule.mode === 'ipvs') return `${rule.picked + 1} of ${rule.of}, in turn`
  const last = rule.picked === rule.of - 1
  return `${rule.chance} of all${rule.mode !== 'iptables' ? '' : last ? '; the last rule takes the rest' : rule.ruleProbability ? `; p ${Number(rule.ruleProbability).toFixed(2)} at its rule` : ''}`
}
