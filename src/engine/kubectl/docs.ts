/** Descriptions of the API and of kubectl: the lines of the room api-docs, which is loaded apart. */
export interface Docs {
  readonly DOCS: readonly string[]
  readonly ENUMS: readonly string[]
  readonly ENUM_WORDS: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly SHARED_FLAGS: readonly string[]
  /** Manifests of kubernetes.io: path below https://k8s.io/examples/ → text. */
  readonly PAGES: Readonly<Record<string, string>>
  readonly HELP: readonly (readonly [path: string, usage: string, short: string, long: string, examples: string, flags: readonly (string | number)[]])[]
}

/** What the help says of a command. */
export interface HelpText {
  /** Empty where the command cannot be run. */
  readonly usage: string
  readonly short: string
  readonly long: string
  readonly examples: string
  /** Flags of its own: `-f, --filename=[]:`, a tab, what it does. */
  readonly flags: readonly string[]
}

let texts: Map<string, string> | undefined
let enums: Map<string, readonly string[]> | undefined
let words: Docs['ENUM_WORDS'] | undefined
let helps: Map<string, HelpText> | undefined
let pages: Docs['PAGES'] = {}

/** Gives kubectl the descriptions that `explain` and `help` print. A host loads them before the first command runs: what is printed must not depend on when they came. */
export function provideDocs({ DOCS, ENUMS, ENUM_WORDS, HELP, SHARED_FLAGS, PAGES }: Docs): void {
  texts = new Map()
  words = ENUM_WORDS
  pages = PAGES
  enums = new Map(ENUMS.map((line) => {
    const space = line.indexOf(' ')
    return [line.slice(0, space), line.slice(space + 1).split(',')]
  }))
  helps = new Map(HELP.map(([path, usage, short, long, examples, flags]) => [path, { usage, short, long, examples, flags: flags.map((f) => (typeof f === 'string' ? f : (SHARED_FLAGS[f] as string))) }]))
  let type = ''
  for (const line of DOCS) {
    const [a = '', b = '', c = ''] = line.split('\t')
    if (a !== '') texts.set((type = a), b)
    else texts.set(`${type}.${b}`, c)
  }
}

const examples = /^https?:\/\/(?:(?:www\.)?(?:k8s|kubernetes)\.io|raw\.githubusercontent\.com\/kubernetes\/website\/[^/]+\/content\/en)\/examples\/([^?#]+)/

/** The text at a web address: what a host has laid below `/usr/share/web`, or a manifest of kubernetes.io (null: it has none of that name). The rest of the web is out of reach. */
export function webPage(machine: { read(path: string): string | undefined }, url: string): string | null | undefined {
  const laid = machine.read(`/usr/share/web/${url.replace(/^https?:\/\//, '')}`)
  if (laid !== undefined) return laid
  const [, path] = examples.exec(url) ?? []
  return path === undefined ? undefined : Object.hasOwn(pages, path) ? pages[path] : null
}

/** Of types that the models do not describe. */
const OWN: Readonly<Record<string, string>> = {
  IntOrString: 'IntOrString is a type that can hold an int32 or a string.  When used in JSON or YAML marshalling and unmarshalling, it produces or consumes the inner type.  This allows you to have, for example, a JSON field that can accept a name or number.',
  Time: 'Time is a wrapper around time.Time which supports correct marshaling to YAML and JSON.  Wrappers are provided for many of the factory methods that the time package offers.',
  MicroTime: 'MicroTime is version of Time with microsecond level precision.',
  ObjectMeta: 'ObjectMeta is metadata that all persisted resources must have, which includes all objects users must create.',
}
const KIND = 'Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds'
const API_VERSION = 'APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources'

/** The description of a type or, as `Type.field`, of a field; '' without one. */
export function docOf(place: string): string {
  const text = texts?.get(place)
  if (text?.startsWith('^')) return texts?.get(text.slice(1)) ?? ''
  if (text !== undefined && text !== '') return text
  return place.endsWith('.kind') ? KIND : place.endsWith('.apiVersion') ? API_VERSION : (OWN[place] ?? '')
}

/** Values of an enumeration by its Go type, without package; undefined when it is none. */
export function enumOf(goType: string): readonly string[] | undefined {
  return enums?.get(goType)
}

/** The paragraph below a field that tells its values and what they mean; '' for no enumeration. Upstream: kube-openapi enumType.DescriptionLines */
export function enumParagraph(goType: string): string {
  const lines = enumOf(goType)?.map((value) => ` - \`"${value}"\` ${words?.[goType]?.[value] ?? ''}`.trimEnd()).sort()
  return lines === undefined ? '' : `\n\nPossible enum values:\n${lines.join('\n')}`
}

/** What the help says of a command by its path without `kubectl`; undefined for what upstream does not have. */
export function helpTextOf(path: string): HelpText | undefined {
  return helps?.get(path)
}
