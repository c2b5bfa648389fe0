import { pathToFileURL } from 'node:url'
import { bundle } from './bundle.mjs'

const id = 'virtual:first-picture'

/** Vite plugin: runs the engine once and gives the page what it says first (see src/bridge/worker.ts). */
export const firstPicture = () => ({
  name: 'kubeloop:first-picture',
  resolveId: (source) => (source === id ? `\0${id}` : undefined),
  async load(resolved) {
    if (resolved !== `\0${id}`) return undefined
    const { firstPicture: make } = await import(pathToFileURL(await bundle('src/bridge/first-picture.ts', ['src/engine', 'src/bridge', 'src/scenarios'])).href)
    return `export const picture = ${JSON.stringify(make())}`
  },
})
