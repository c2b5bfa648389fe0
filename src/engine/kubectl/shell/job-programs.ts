import type { Call, Program } from './run'

/** What runs in the background, as the shell's process tells it. */
interface Job {
  readonly job: number
  readonly line: string
  readonly pid: number
}

const jobsOf = (io: Call['io']): readonly Job[] => (io.ask('shell', { type: 'shell/jobs' })?.['jobs'] as readonly Job[] | undefined) ?? []

/** The job that `%1`, `1` or a process id names; the latest without a name. */
function jobNamed(call: Call, name: string | undefined, all = jobsOf(call.io)): Job | undefined {
  const found = name === undefined || name === '%%' || name === '%+' ? all.at(-1) : all.find((j) => name === `%${j.job}` || name === String(j.pid))
  if (found === undefined) call.io.err(`sh: ${call.name}: ${name ?? 'current'}: no such job\n`)
  return found
}

const jobs: Program = {
  run({ io }) {
    const all = jobsOf(io)
    io.out(all.map((j, i) => `[${j.job}]${i === all.length - 1 ? '+' : i === all.length - 2 ? '-' : ' '}  ${'Running'.padEnd(24)}${j.line} &\n`).join(''))
    return 0
  },
}

const kill: Program = {
  run(call) {
    const names = call.args.filter((a) => !a.startsWith('-'))
    const all = names.length === 0 ? [] : jobsOf(call.io)
    if (names.length === 0) {
      call.io.err('kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]\n')
      return 2
    }
    let code = 0
    for (const name of names) {
      const found = jobNamed(call, name, all)
      if (found === undefined) code = 1
      else call.io.ask('shell', { type: 'shell/kill', job: found.job })
    }
    return code
  },
}

const fg: Program = {
  run(call) {
    const found = jobNamed(call, call.args[0])
    if (found === undefined) return 1
    call.io.out(`${found.line}\n`)
    return Number(call.io.ask('shell', { type: 'shell/await', job: found.job })?.['code'] ?? 0)
  },
}

const bg: Program = { run: (call) => (jobNamed(call, call.args[0]) === undefined ? 1 : 0) }

const waitJobs: Program = {
  run(call) {
    let code = 0
    const all = jobsOf(call.io)
    const wanted = call.args.length === 0 ? all : call.args.map((a) => jobNamed(call, a, all))
    for (const found of wanted) code = found === undefined ? 127 : Number(call.io.ask('shell', { type: 'shell/await', job: found.job })?.['code'] ?? 0)
    return code
  },
}

/** Programs about what runs in the background. */
export const jobPrograms: Readonly<Record<string, Program>> = { jobs, fg, bg, wait: waitJobs, kill }
