import type { Call, Program } from './run'

/**
 * Asks process `traffic` (the room of clients and requests) to do what a tool of the You machine does:
 * `{ type: 'traffic/tool', tool, args, stdin }` → `{ type: 'traffic/answer', stdout, stderr, code }`.
 */
const tool: Program = {
  run({ name, args, io, stdin }: Call) {
    const answer = io.ask('traffic', { type: 'traffic/tool', tool: name, args, stdin, from: 'you' })
    if (answer === null) {
      io.err(`${name}: this machine has no way into the cluster's network; try it from a pod: kubectl run tmp --rm -it --restart=Never --image=busybox -- ${name === 'curl' ? 'wget -qO-' : name} ${args.filter((a) => !a.startsWith('-')).join(' ')}\n`)
      return name === 'curl' ? 7 : 1
    }
    io.out(String(answer['stdout'] ?? ''))
    io.err(String(answer['stderr'] ?? ''))
    return Number(answer['code'] ?? 0)
  },
}

/** Programs that use the network. */
export const netPrograms: Readonly<Record<string, Program>> = { curl: tool, wget: tool, nslookup: tool, dig: tool, host: tool, ping: tool, nc: tool, telnet: tool }
