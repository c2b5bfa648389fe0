/** node-2 before node-10. */
export function natural(a: string, b: string): number {
  const [, headA = a, tailA = ''] = /^(.*?)(\d*)$/.exec(a) ?? []
  const [, headB = b, tailB = ''] = /^(.*?)(\d*)$/.exec(b) ?? []
  if (headA !== headB) return headA < headB ? -1 : 1
  return Number(tailA) - Number(tailB)
}
