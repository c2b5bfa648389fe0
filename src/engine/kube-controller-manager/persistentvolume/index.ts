import type { KubeObject } from '../../apimachinery'
import type { PersistentVolume, PersistentVolumeClaim } from '../../api'
import { cacheKey } from '../../client-go'
import { SECOND } from '../../sim'
import type { Controller, Intent } from '../controller'
import { referredClaim } from './annotations'
import { syncClaim } from './sync-claim'
import { syncVolume } from './sync-volume'
import { caughtUp, claim, remember, volume, type BinderEnv, type BinderState } from './view'

/**
 * Binds claims to volumes, names the provisioner for what is to be made, and reclaims volumes whose claims are gone.
 * Keys: `claim/<namespace>/<name>` and `volume/<name>`; one worker, as two syncs could give one volume away twice.
 * Upstream: pkg/controller/volume/persistentvolume/{pv_controller,pv_controller_base}.go; --pvclaimbinder-sync-period=15s
 */
export const persistentVolumeController: Controller<BinderState> = {
  name: 'persistentvolume-binder',
  component: 'persistentvolume-controller',
  account: 'persistent-volume-binder',
  resource: 'persistentvolumeclaims',
  informers: [{ resource: 'persistentvolumes' }, { resource: 'persistentvolumeclaims' }, { resource: 'storageclasses' }, { resource: 'pods' }],
  workers: 1,
  period: 15 * SECOND,
  start: () => ({ written: new Map() }),

  describe(key) {
    const [kind, a = '', b = ''] = key.split('/')
    return kind === 'volume' ? { resource: 'persistentvolumes', namespace: '', name: a } : { resource: 'persistentvolumeclaims', namespace: a, name: b }
  },

  onDelta(delta, env) {
    const { resource, object, type } = delta
    if (resource === 'persistentvolumes') {
      caughtUp(env, object, type === 'deleted')
      if (type !== 'deleted') env.enqueue(`volume/${object.metadata.name}`)
      else if ((object as PersistentVolume).spec.claimRef) env.enqueue(`claim/${referredClaim(object as PersistentVolume)}`)
    } else if (resource === 'persistentvolumeclaims') {
      caughtUp(env, object, type === 'deleted')
      const { volumeName } = (object as PersistentVolumeClaim).spec
      if (type !== 'deleted') env.enqueue(`claim/${cacheKey(object)}`)
      else if (volumeName) env.enqueue(`volume/${volumeName}`)
    }
  },

  reconcile: (key, env) => sync(key, env),
  resume: (key, _step, _data, error, env) => (error === undefined ? sync(key, env) : []),

  onResponse(key, tag, response, env) {
    if (tag === 'written' && response.code === 200) remember(env, response.body as KubeObject)
    if (tag !== 'check' || (response.code !== 200 && response.code !== 404)) return undefined
    const uid = response.code === 200 ? ((response.body as KubeObject).metadata.uid ?? '') : ''
    return { intents: sync(key, env, uid) }
  },

  onPeriod(env) {
    for (const name of env.cache('persistentvolumes').keys()) env.enqueue(`volume/${name}`)
    for (const key of env.cache('persistentvolumeclaims').keys()) env.enqueue(`claim/${key}`)
  },
}

function sync(key: string, env: BinderEnv, checked?: string): readonly Intent[] {
  const slash = key.indexOf('/')
  const rest = key.slice(slash + 1)
  if (key.startsWith('volume/')) {
    const pv = volume(env, rest)
    return pv === undefined ? [] : syncVolume(pv, env, checked)
  }
  const c = claim(env, rest)
  return c === undefined ? [] : syncClaim(c, env)
}
