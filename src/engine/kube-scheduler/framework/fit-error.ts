import type { PluginStatus } from './status'

/** Text of the error that no node fits. `refused` in any order. Upstream: framework.FitError.Error */
export function fitErrorText(nodes: number, refused: Iterable<PluginStatus>, options: { readonly absent?: PluginStatus | undefined; readonly preFilter?: string | undefined; readonly postFilter?: string | undefined } = {}): string {
  let text = `0/${nodes} nodes are available:`
  if (options.preFilter) text += ` ${options.preFilter}.`
  else {
    const counts = new Map<string, number>()
    let seen = 0
    const count = (reason: string, by: number) => counts.set(reason, (counts.get(reason) ?? 0) + by)
    for (const s of refused) {
      seen++
      for (const reason of s.reasons) count(reason, 1)
    }
    if (seen < nodes && options.absent) for (const reason of options.absent.reasons) count(reason, nodes - seen)
    const parts = [...counts].map(([reason, n]) => `${n} ${reason}`).sort()
    if (parts.length > 0) text += ` ${parts.join(', ')}.`
  }
  return options.postFilter ? `${text} ${options.postFilter}` : text
}
