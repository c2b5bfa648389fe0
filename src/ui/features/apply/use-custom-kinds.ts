import { useEffect } from 'react'
import { useKeys, useKubeloop, type Kubeloop } from '../../state'
import { readDefinition } from './editor/crd-schema'
import { setCustomKinds } from './editor/schema'

/** Most definitions that are read. */
const mostDefinitions = 60

/** Lets the editor know the kinds that the cluster's CustomResourceDefinitions make, and those that come while it is open. */
export function useCustomKinds(): void {
  const kubeloop = useKubeloop()
  const keys = useKeys(kubeloop.objects)
  const names = definitionsOf(kubeloop, keys)
  const list = names.join(' ')
  useEffect(() => {
    let live = true
    const ask = list === '' ? [] : list.split(' ').map((name) => kubeloop.ask({ about: 'object', resource: 'customresourcedefinitions', namespace: '', name }).catch(() => null))
    void Promise.all(ask).then((definitions) => live && setCustomKinds('cluster', definitions.map(readDefinition)))
    return () => {
      live = false
    }
  }, [kubeloop, list])
}

function definitionsOf({ objects }: Kubeloop, keys: readonly string[]): readonly string[] {
  return keys.flatMap((key) => {
    const row = objects.get(key)
    return row?.resource === 'customresourcedefinitions' ? [row.name] : []
  }).sort().slice(0, mostDefinitions)
}
