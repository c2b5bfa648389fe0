import { goJson, goQuote, parseJsonPath, relaxedJsonPath, sortKeys } from '../apimachinery'
import type { Thing } from './api'
import { fail } from './errors'
import { flagSpecs, type Flags } from './flags'
import { goPrint } from './go-print'
import { goTemplate } from './go-template'
import type { Io } from './io'
import { printKyaml } from './kyaml-printer'
import { kindName } from './rest-mapper'
import { tableText } from './tabwriter'
import { printYaml } from './yaml-printer'

/** Flags of verbs that print objects. Upstream: cli-runtime/genericclioptions PrintFlags */
export const printFlags = flagSpecs('output/o:string template:string allow-missing-template-keys=true show-managed-fields')

/** Prints objects one after another; `finish` ends the output. */
export interface Printer {
  print(object: Thing): void
  finish?(): void
}

const FORMATS = ['custom-columns', 'custom-columns-file', 'go-template', 'go-template-file', 'json', 'jsonpath', 'jsonpath-as-json', 'jsonpath-file', 'kyaml', 'name', 'template', 'templatefile', 'wide', 'yaml']

/** The error for an output format that a verb does not know. Upstream: genericclioptions NoCompatiblePrinterError */
export function unknownFormat(format: string, human = true): Error | ReturnType<typeof fail> {
  const known = human ? FORMATS : FORMATS.filter((f) => f !== 'wide' && !f.startsWith('custom'))
  return fail(`unable to match a printer suitable for the output format ${goQuote(format)}, allowed formats are: ${known.join(',')}`)
}

/** Format and argument of `-o`: `jsonpath={.a}` → `jsonpath`, `{.a}`. */
export function outputFormat(flags: Flags): { readonly format: string; readonly argument: string | undefined } {
  const text = flags.string('output')
  const eq = text.indexOf('=')
  if (eq < 0) return { format: text === '' && flags.string('template') !== '' ? 'go-template' : text, argument: flags.string('template') || undefined }
  return { format: text.slice(0, eq), argument: text.slice(eq + 1) }
}

/** The printer of `-o`, without human tables; undefined for '' and `wide`. Errors: as kubectl says them. */
export function printerFor(flags: Flags, io: Io, human = true): Printer | undefined {
  const { format, argument } = outputFormat(flags)
  const out = (text: string): void => io.out(text)
  const managed = flags.bool('show-managed-fields')
  const shown = (o: Thing): Thing => (managed ? o : withoutManagedFields(o))
  let count = 0
  switch (format) {
    case '':
      return undefined
    case 'wide':
      if (human) return undefined
      throw unknownFormat(format, human)
    case 'yaml':
      return { print: (o) => out(`${count++ > 0 ? '---\n' : ''}${printYaml(shown(o))}`) }
    case 'kyaml':
      return { print: (o) => out(printKyaml(shown(o))) }
    case 'json':
      return { print: (o) => out(`${htmlEscaped(JSON.stringify(sortKeys(shown(o)), null, 4))}\n`) }
    case 'name':
      return { print: (o) => eachItem(o, (i) => out(`${kindName(kindOf(i), i.metadata?.name ?? '')}\n`)) }
    case 'jsonpath':
    case 'jsonpath-file':
    case 'jsonpath-as-json': {
      if (!argument) throw fail('template format specified but no template given')
      const template = format === 'jsonpath-file' ? fileText(argument, io, '--template') : argument
      const check = parseJsonPath(template, {})
      if (check.error !== undefined) throw fail(`error parsing jsonpath ${template}, ${check.error}`)
      return {
        print: (o) => {
          const made = parseJsonPath(template, { allowMissingKeys: flags.bool('allow-missing-template-keys'), outputJson: format === 'jsonpath-as-json' })
          const text = made.error === undefined ? made.value.execute(o) : made
          if (text.error !== undefined) {
            throw fail(`error executing jsonpath ${goQuote(template)}: Error executing template: ${text.error}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t${template}\n\tobject given to jsonpath engine was:\n\t\t${goJson(sortKeys(o))}\n\n`)
          }
          out(text.value)
        },
      }
    }
    case 'go-template':
    case 'go-template-file':
    case 'templatefile':
    case 'template': {
      if (!argument) throw fail('template format specified but no template given')
      const template = goTemplate(format.endsWith('file') ? fileText(argument, io, '--template') : argument)
      return { print: (o) => out(template(o)) }
    }
    case 'custom-columns':
    case 'custom-columns-file': {
      if (!human) throw unknownFormat(format, human)
      if (!argument) throw fail('custom-columns format specified but no custom columns given')
      return customColumns(format === 'custom-columns' ? columnsOf(argument) : columnsOfTemplate(fileText(argument, io, 'template')), io, format === 'custom-columns' && flags.bool('no-headers'))
    }
    default:
      throw unknownFormat(format, human)
  }
}

const htmlEscaped = (json: string): string => (/[<>&\u2028\u2029]/.test(json) ? json.replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`) : json)

/** Upstream: printers OmitManagedFieldsPrinter */
export function withoutManagedFields(object: Thing): Thing {
  const items = object['items']
  if (Array.isArray(items)) return { ...object, items: items.map((i) => withoutManagedFields(i as Thing)) }
  if ((object.metadata as { managedFields?: unknown } | undefined)?.managedFields === undefined) return object
  const { managedFields, ...metadata } = object.metadata as Thing['metadata'] & { managedFields?: unknown }
  void managedFields
  return { ...object, metadata }
}

function eachItem(object: Thing, see: (item: Thing) => void): void {
  if (Array.isArray(object['items'])) for (const item of object['items'] as Thing[]) see(item)
  else see(object)
}

/** Kind and group by an object's own word. */
export function kindOf(o: Thing): { readonly kind: string; readonly group: string } {
  const v = o.apiVersion ?? ''
  const slash = v.indexOf('/')
  return { kind: o.kind ?? '', group: slash < 0 ? '' : v.slice(0, slash) }
}

/** The text of a file that a format names. */
function fileText(path: string, io: Io, what: string): string {
  const text = io.machine.read(path)
  if (text === undefined) throw fail(`error reading ${what} ${path}, open ${path}: no such file or directory`)
  return text
}

interface Column {
  readonly header: string
  readonly template: string
}

function column(header: string, given: string): Column {
  const path = relaxedJsonPath(given)
  if (path.error !== undefined) throw fail(path.error)
  const parsed = parseJsonPath(path.value)
  if (parsed.error !== undefined) throw fail(parsed.error)
  return { header, template: path.value }
}

/** Upstream: customcolumn.go NewCustomColumnsPrinterFromSpec */
function columnsOf(spec: string): readonly Column[] {
  return spec.split(',').map((part) => {
    const colon = part.indexOf(':')
    if (colon < 0) throw fail(`unexpected custom-columns spec: ${part}, expected <header>:<json-path-expr>`)
    return column(part.slice(0, colon), part.slice(colon + 1))
  })
}

/** A line of headers and a line of paths. Upstream: customcolumn.go NewCustomColumnsPrinterFromTemplate */
function columnsOfTemplate(text: string): readonly Column[] {
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n')
  const words = (i: number, what: string): readonly string[] => {
    if (lines[i] === undefined) throw fail(`invalid template, missing ${what} line. Expected format is one line of space separated headers, one line of space separated column specs.`)
    return lines[i].split(/\s+/).filter((w) => w !== '')
  }
  const headers = words(0, 'header')
  const specs = words(1, 'spec')
  if (headers.length !== specs.length) throw fail(`number of headers (${headers.length}) and field specifications (${specs.length}) don't match`)
  return headers.map((h, i) => column(h, specs[i] as string))
}

/** Upstream: kubectl/pkg/cmd/get customcolumn.go */
function customColumns(columns: readonly Column[], io: Io, noHeaders: boolean): Printer {
  const rows: string[][] = noHeaders ? [] : [columns.map((c) => c.header)]
  return {
    print: (o) => eachItem(o, (item) => {
      rows.push(columns.map(({ template }) => {
        const parsed = parseJsonPath(template, { allowMissingKeys: true })
        const found = parsed.error === undefined ? parsed.value.find(item) : parsed
        if (found.error !== undefined) throw fail(found.error)
        const values = found.value.flat()
        const none = (found.value[0] ?? []).length === 0 ? ['<none>'] : []
        return [...none, ...values.map((v) => (v === null || v === undefined ? '<nil>' : typeof v === 'object' ? goPrint(v) : String(v)))].join(',').replaceAll('\x1b', '^[').replaceAll('\r', '\\r')
      }))
    }),
    finish: () => io.out(tableText(rows)),
  }
}

/** Flags that say how far a change goes. */
export type DryRun = 'none' | 'client' | 'server'

/** Upstream: cmdutil GetDryRunStrategy */
export function dryRunOf(flags: Flags): DryRun {
  const value = flags.has('dry-run') ? flags.string('dry-run') : 'none'
  if (value === 'none' || value === 'client' || value === 'server') return value
  if (value === 'unchanged') throw fail('--dry-run is deprecated and can be replaced with --dry-run=client')
  if (/^(true|false|1|0|t|f)$/i.test(value)) throw fail(`Invalid dry-run value (${value}). Must be "none", "server", or "client".`)
  throw fail(`Invalid dry-run value (${value}). Must be "none", "server", or "client".`)
}

/** `deployment.apps/web created`, or the object in the asked format. Upstream: genericclioptions PrintFlags.Complete */
export function printResult(object: Thing, operation: string, flags: Flags, io: Io, dryRun: DryRun = 'none', printer?: Printer): void {
  const { format } = outputFormat(flags)
  if (format === '') {
    const suffix = dryRun === 'client' ? ' (dry run)' : dryRun === 'server' ? ' (server dry run)' : ''
    io.out(`${kindName(kindOf(object), object.metadata.name ?? '')} ${operation}${suffix}\n`)
    return
  }
  const p = printer ?? printerFor(flags, io, false)
  p?.print(object)
  p?.finish?.()
}
