type Handlers = { readonly [K in keyof DocumentEventMap]?: (event: DocumentEventMap[K]) => void }

/** Listens to several events of the document or an element; the result ends that. */
export function listen(target: Document | HTMLElement, handlers: Handlers): () => void {
  const end = new AbortController()
  for (const [name, handler] of Object.entries(handlers)) target.addEventListener(name, handler as EventListener, { signal: end.signal })
  return () => end.abort()
}
