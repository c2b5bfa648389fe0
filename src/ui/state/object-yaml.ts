import { stringify } from 'yaml'

/** An object as `kubectl get -o yaml` prints it: keys in the order of their names, lists not indented. */
export function objectYaml(object: unknown): string {
  return stringify(object, { sortMapEntries: true, indentSeq: false, lineWidth: 0, aliasDuplicateObjects: false, version: '1.1' })
}
