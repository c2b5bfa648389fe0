/** Best score of a node. Upstream: fwk.MaxNodeScore */
export const maxNodeScore = 100

/** Scales scores so that the highest becomes 100, in place; `reverse` turns them round. Upstream: plugins/helper/normalize_score.go */
export function defaultNormalize(scores: number[], reverse: boolean): void {
  let max = 0
  for (let i = 0; i < scores.length; i++) max = Math.max(max, scores[i] as number)
  if (max === 0) {
    if (reverse) scores.fill(maxNodeScore)
    return
  }
  for (let i = 0; i < scores.length; i++) {
    const s = Math.floor((maxNodeScore * (scores[i] as number)) / max)
    scores[i] = reverse ? maxNodeScore - s : s
  }
}
