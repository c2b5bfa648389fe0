import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { keepShells } from '../features/terminal'
import { createKubeloop } from '../state'
import { App } from './app'
import { currentBreakpoint } from './breakpoint'
import { connectSource, keepSession, start } from './connect'
import { featureSlots } from './feature-slots'
import { followTheme } from './theme'

/** Starts an engine and shows it in `root`. */
export async function mount(root: HTMLElement): Promise<void> {
  const source = await connectSource()
  const breakpoint = currentBreakpoint()
  const roomy = breakpoint === 'wide'
  const kubeloop = createKubeloop(source, featureSlots, {
    theme: document.documentElement.dataset.theme === 'light' ? 'light' : 'dark',
    view: breakpoint === 'phone' && featureSlots.views.some(({ id }) => id === 'list') ? 'list' : 'map',
    rail: roomy,
    bottom: breakpoint !== 'phone' && breakpoint !== 'small',
  })
  followTheme(kubeloop)
  source.subscribe(keepSession)
  kubeloop.connect()
  keepShells(kubeloop, 'kubeloop.shells', start(source))
  createRoot(root).render(<StrictMode><App kubeloop={kubeloop} /></StrictMode>)
}
