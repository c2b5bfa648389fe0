import type { Kubeloop } from '../../state'
import { changeDraft, noAnswer } from './draft'
import { mostBytes, refusalOf } from './limits'

const manifest = /\.(ya?ml|json)$/i

/** Reads manifests into the draft, several joined as documents. Says why when it takes none of them. */
export async function takeFiles(kubeloop: Kubeloop, files: readonly File[]): Promise<void> {
  const wanted = files.filter(({ name }) => manifest.test(name))
  const bytes = wanted.reduce((sum, { size }) => sum + size, 0)
  if (wanted.length === 0) return changeDraft(kubeloop, { refusal: `${files.map(({ name }) => name).join(', ')}: only .yaml, .yml and .json files are manifests` })
  if (bytes > mostBytes) return changeDraft(kubeloop, { refusal: refusalOf(bytes) })
  const texts = await Promise.all(wanted.map((file) => file.text()))
  changeDraft(kubeloop, { ...noAnswer, text: join(texts) })
}

/** One text of several, documents apart. */
export function join(texts: readonly string[]): string {
  return texts.map((text) => text.trim()).filter((text) => text !== '').join('\n---\n') + '\n'
}
