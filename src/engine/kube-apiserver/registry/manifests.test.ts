import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { fieldErrorText } from '../../apimachinery'
import { hpaFromV1 } from './autoscaling/v1'
import { create } from './registry.testing'

const manifests = fileURLToPath(new URL('../../../../../shared/kubernetes/manifests/', import.meta.url))

describe('manifests of the Kubernetes examples and documentation', () => {
  it.skipIf(!existsSync(manifests))('are judged as the real server judged them', () => {
    const byFile = new Map<string, any[]>()
    for (const d of JSON.parse(readFileSync(`${manifests}verdicts.json`, 'utf8')).documents) byFile.set(d.file, [...(byFile.get(d.file) ?? []), d])
    const wrong: string[] = []
    let checked = 0
    for (const [file, verdicts] of byFile) {
      if (!existsSync(manifests + file)) continue
      const docs = parseAllDocuments(readFileSync(manifests + file, 'utf8'), { version: '1.1' }).map((d) => d.toJS())
        .flatMap((d) => (d?.kind?.endsWith('List') && Array.isArray(d.items) ? d.items : [d])).filter((d) => d?.kind !== undefined)
      if (docs.length !== verdicts.length) continue
      docs.forEach((doc, i) => {
        const verdict = verdicts[i]!
        if (verdict.verdict === 'unserved' || (verdict.code !== undefined && verdict.code !== 422)) return
        const made = create(doc.apiVersion === 'autoscaling/v1' ? hpaFromV1(doc) : doc)
        if ('error' in made) {
          if (made.error !== 'no such kind') wrong.push(`${file} ${i}: ${made.error}`)
          return
        }
        checked++
        const causes = made.errors.map(fieldErrorText)
        const wanted: string[] = (verdict.causes ?? []).map((c: any) => `${c.field}: ${c.message}`)
        if (JSON.stringify(causes) !== JSON.stringify(wanted)) wrong.push(`${file} ${i}: ${JSON.stringify(causes)} instead of ${JSON.stringify(wanted)}`)
      })
    }
    expect(wrong).toEqual([])
    expect(checked).toBeGreaterThan(300)
  })
})
