import * as v from 'valibot'

const nodeName = v.pipe(v.string(), v.minLength(1))

const fault = v.variant('kind', [
  v.strictObject({ kind: v.picklist(['node-down', 'node-shutdown', 'node-up', 'kubelet-stop', 'kubelet-start', 'partition', 'heal', 'node-remove']), node: nodeName }),
  v.strictObject({ kind: v.literal('node-add'), node: v.optional(nodeName), zone: v.optional(v.string()) }),
  v.strictObject({ kind: v.literal('host-file'), node: nodeName, path: v.pipe(v.string(), v.startsWith('/')), text: v.nullable(v.string()) }),
  v.strictObject({ kind: v.picklist(['component-down', 'component-up', 'component-crash']), component: nodeName }),
  v.strictObject({ kind: v.literal('probe'), pod: nodeName, namespace: v.optional(v.string()), container: v.optional(v.string()), probe: v.picklist(['liveness', 'readiness', 'startup']), ok: v.boolean() }),
])

const seconds = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(1_000_000))

const command = v.strictObject({ t: seconds, cmd: v.string(), stdin: v.optional(v.string()) })
const faultStep = v.strictObject({ t: seconds, fault })

// Not a union: a mistake in a fault is told as such.
const step = v.lazy((input): typeof command | typeof faultStep => (typeof input === 'object' && input !== null && 'fault' in input ? faultStep : command))

/** A script of the headless runner: `shared/tools/score-goldens.mjs` describes it in its header. Times in seconds of simulated time. */
const script = v.strictObject({
  seed: v.optional(v.pipe(v.number(), v.safeInteger()), 1),
  preset: v.optional(v.string(), 'default'),
  namespace: v.optional(v.string()),
  images: v.optional(v.record(v.string(), v.array(v.string())), {}),
  start: v.optional(v.pipe(v.string(), v.isoTimestamp())),
  steps: v.array(step),
  end: seconds,
})

export type Script = v.InferOutput<typeof script>

/** Reads a script. Errors: throws with one line that names the place. */
export function parseScript(text: string, file: string): Script {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message.split('\n')[0]}`)
  }
  const result = v.safeParse(script, value)
  if (result.success) return result.output
  const [issue] = result.issues
  throw new Error(`${file}: ${v.getDotPath(issue) ?? 'script'}: ${issue.message.replace(/\n/g, ' ')}`)
}
