import { expect, test } from 'vitest'
import { DOCS } from './docs.generated'

test('descriptions break their lines where Go breaks them: two spaces after a sentence are not always an empty line', () => {
  const said = (type: string, field: string): string | undefined => {
    const at = DOCS.findIndex((l) => l.startsWith(`${type}\t`))
    return DOCS.slice(at).find((l) => l.startsWith(`\t${field}\t`))
  }
  expect(said('PodSpec', 'runtimeClassName')).toContain('should be used to run this pod.  If no RuntimeClass resource matches')
  expect(said('PodSpec', 'setHostnameAsFQDN')).toContain('HKEY_LOCAL_MACHINE\\\\SYSTEM\\\\CurrentControlSet')
  expect(said('PodSpec', 'os')).toContain('\n\nIf the OS field is set to linux')
})
