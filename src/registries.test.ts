import { readFileSync, readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { resources, structSchema } from './engine/api'
import { checkers } from './engine/checkers'
import { presets } from './engine/cluster'
import { gatewayApiDefinitions } from './engine/cluster/gateway-api'
import { admissionPlugins, authorizers, strategies } from './engine/kube-apiserver'
import { controllers } from './engine/kube-controller-manager'
import { defaultProfile } from './engine/kube-scheduler/plugins/registry'
import { commands } from './engine/kubectl/cmd'
import { runScript } from './hosts/run-script'
import { parseScript } from './hosts/script'
import { samples, timedScenarios } from './scenarios'

/**
 * What every registry promises: no name twice, nothing that lies in its folder forgotten, and each entry fit for what
 * the house does with it. Unregistered files that nobody imports are knip's business.
 */

const registries: Record<string, readonly string[]> = {
  'admission plugins': admissionPlugins.map((p) => p.name),
  authorizers: authorizers.map((a) => a.name),
  checkers: checkers.map((c) => c.name),
  controllers: controllers.map((c) => c.name),
  'kubectl verbs': commands.flatMap((c) => [c.name, ...(c.aliases ?? [])]),
  presets: presets.map((p) => p.id),
  resources: resources.map((r) => `${r.group}/${r.resource}`),
  samples: samples.map((s) => s.id),
  'scheduler plugins': defaultProfile.plugins.map((p) => p.plugin.name),
  'timed scenarios': timedScenarios.map((s) => s.id),
}

describe('registries', () => {
  for (const [registry, names] of Object.entries(registries))
    test(`the ${registry} have names, each its own`, () => {
      expect(names.length).toBeGreaterThan(1)
      for (const name of names) expect(name).not.toBe('')
      expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([])
    })

  /** Folder (or files) → registry that imports each of them. */
  const folders: readonly [folder: string, registry: string, entries: (names: readonly string[]) => readonly string[]][] = [
    ['engine/checkers', 'engine/checkers/registry.ts', (names) => names.filter((n) => !/^(checker|checks|index|registry)\.ts$|\.md$|\.test\.ts$/.test(n))],
    ['engine/kube-controller-manager', 'engine/kube-controller-manager/registry.ts', (names) => names.filter((n) => !n.includes('.'))],
    ['scenarios/samples', 'scenarios/index.ts', (names) => names],
  ]
  for (const [folder, registry, entries] of folders)
    test(`everything in ${folder} is registered`, () => {
      const source = readFileSync(`${import.meta.dirname}/${registry}`, 'utf8')
      const below = folder === registry.slice(0, registry.lastIndexOf('/')) ? '' : `${folder.slice(folder.lastIndexOf('/') + 1)}/`
      const found = entries(readdirSync(`${import.meta.dirname}/${folder}`)).map((name) => name.replace(/\.ts$/, ''))
      expect(found.length).toBeGreaterThan(3)
      expect(found.filter((name) => !source.includes(`from './${below}${name}'`))).toEqual([])
    })
})

describe('resource kinds', () => {
  test('each has behaviour, and each behaviour a kind', () => {
    expect(strategies.map((s) => s.resource).sort()).toEqual(resources.map((r) => r.resource).sort())
  })

  test('no name, singular or short name means two of them', () => {
    const words = strategies.flatMap((s) => [...new Set([s.resource, s.singular, ...s.shortNames])])
    expect(words.filter((word, i) => words.indexOf(word) !== i)).toEqual([])
  })

  test('each has the schema of its kind, and a column with its name', () => {
    for (const strategy of strategies) {
      const { kind } = resources.find((r) => r.resource === strategy.resource) as (typeof resources)[number]
      expect(structSchema(kind), kind).toBeDefined()
      expect(strategy.columns.map((c) => [c.name, c.format]), kind).toContainEqual(['Name', 'name'])
    }
  })

  test('kubectl lists, describes and explains every one', () => {
    const names = resources.filter((r) => !(r.group === '' && r.resource === 'events')).map((r) => (r.group === '' ? r.resource : `${r.resource}.${r.group}`))
    const lines = names.flatMap((name) => [`get ${name} -A -o wide`, `describe ${name} -A`, `explain ${name}`])
    const script = parseScript(JSON.stringify({ preset: 'default', seed: 1, end: lines.length, steps: lines.map((line, t) => ({ t, cmd: `kubectl ${line}` })) }), 'registries')
    const failed = runScript(script, 'registries').commands.filter((c) => c.rc !== 0)
    expect(failed).toEqual([])
  })
})

describe('samples', () => {
  for (const sample of samples)
    test(`${sample.id} is YAML of known kinds, with words for the palette`, () => {
      expect(sample.title).not.toBe('')
      expect(sample.summary).not.toBe('')
      const kinds = new Set([...resources.map((r) => r.kind), ...gatewayApiDefinitions().map((d) => d.spec.names.kind)])
      const docs = parseAllDocuments(sample.yaml).map((d) => d.toJS() as { kind?: string } | null)
      expect(docs.length).toBeGreaterThan(0)
      for (const doc of docs) expect(kinds, JSON.stringify(doc)).toContain(doc?.kind)
    })
})
