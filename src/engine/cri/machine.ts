import type { Ctx, Message } from '../sim'
import type { MachineShell } from '../workloads'

/** To the whole: somebody who is root on a machine runs a command of the machine's own. The answer is a MachineAnswer, or undefined: it has none of that name. */
export interface MachineQuestion extends Message {
  readonly type: 'cri/machine'
  readonly node: string
  readonly words: readonly string[]
}

/** What a command of the machine came to. `inputs`: what it does to the machine, for the cluster's own process. */
export interface MachineAnswer {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  readonly inputs: readonly Message[]
}

/** The machine that this process runs on, as who is root there commands it. */
export function machineShell(root: string, ctx: Ctx): MachineShell {
  return {
    root,
    run(words, out, err) {
      const question: MachineQuestion = { type: 'cri/machine', node: ctx.host, words }
      const answer = ctx.exchange?.(question) as MachineAnswer | undefined
      if (answer === undefined) return undefined
      if (answer.stdout !== '') out(answer.stdout)
      if (answer.stderr !== '') err(answer.stderr)
      for (const input of answer.inputs) ctx.send('cluster', input)
      return answer.code
    },
  }
}
