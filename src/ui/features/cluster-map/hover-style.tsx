import { useEffect, useState, type RefObject } from 'react'
import { listen } from '../../kit'
import { useKubeloop, type Kubeloop } from '../../state'
import type { Layout } from './layout'
import { useLayout } from './layout-context'
import { objectAt } from './map-objects'

/**
 * Lets what is under the pointer, or has the keyboard's focus, stand out: lines of others fade, and so do pods of other
 * owners. It is a rule of CSS about attributes, so that nothing on the map is rendered again.
 */
export function HoverStyle({ root }: { readonly root: RefObject<HTMLElement | null> }) {
  const kubeloop = useKubeloop()
  const layout = useLayout()
  const [rule, setRule] = useState('')
  useEffect(() => {
    const element = root.current
    if (!element) return
    const over = (event: PointerEvent): void => {
      if (event.pointerType === 'mouse' && event.buttons === 0) setRule(ruleFor(kubeloop, layout, event.target))
    }
    const focus = (event: FocusEvent): void => {
      if (event.target instanceof Element && event.target.matches(':focus-visible')) setRule(ruleFor(kubeloop, layout, event.target))
    }
    const clear = (): void => setRule('')
    return listen(element, { pointerover: over, pointerleave: clear, focusin: focus, focusout: clear })
  }, [root, kubeloop, layout])
  return rule === '' ? null : <style>{rule}</style>
}

/** What fades while an element of the map is looked at; '' when nothing does. */
function ruleFor(kubeloop: Kubeloop, layout: Layout, target: EventTarget | null): string {
  const object = objectAt(target)
  if (!object) return ''
  if (object.kind === 'pod') {
    const owner = ownerOf(kubeloop.pods.get(object.key))
    return owner === null ? '' : `.map .pod:not([data-owner=${quoted(owner)}]) { opacity: .45 } .map .pod[data-owner=${quoted(owner)}] { border-color: var(--line3) }`
  }
  const end = object.kind === 'node' ? layout.ofNode.get(object.key) : object.kind === 'member' ? 'etcd' : object.kind === 'controller' ? 'kube-controller-manager' : object.kind === 'component' && object.key !== 'kube-apiserver' ? object.key : undefined
  return end === undefined ? '' : `.map [data-end]:not([data-end=${quoted(end)}]) { opacity: .35 }`
}

/** By what pods of one owner know each other. */
export function ownerOf(pod: { readonly namespace: string; readonly owner: { readonly kind: string; readonly name: string } | null } | undefined): string | null {
  return pod?.owner ? `${pod.namespace}/${pod.owner.kind}/${pod.owner.name}` : null
}

const quoted = (value: string): string => `"${value.replace(/["\\<]/g, '\\$&')}"`
