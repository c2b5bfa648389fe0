import { createContext, useCallback, useContext, useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import { createPortal } from 'react-dom'
import { cx } from './button'
import { placeAt, type Anchor } from './place'

/** A line of a menu; `null` in a list of them draws a rule. */
export interface MenuItem {
  readonly id: string
  readonly label: string
  /** A smaller second line: what it is for. */
  readonly note?: string | undefined
  /** Shown at the right, e.g. a key. */
  readonly hint?: string | undefined
  readonly danger?: boolean | undefined
  /** A choice among several: says whether it is the present one. */
  readonly checked?: boolean | undefined
  readonly run: () => void
}

interface OpenMenu {
  readonly label: string
  readonly items: readonly (MenuItem | null)[]
  readonly anchor: Anchor
}

/** Opens a menu at a place; the focus returns to where it was when the menu closes. */
type ShowMenu = (menu: OpenMenu) => void

const MenuContext = createContext<ShowMenu>(() => {})

/** Opens menus; there is one at a time on a page. */
export function useMenu(): ShowMenu {
  return useContext(MenuContext)
}

/**
 * Holds the one menu of the tree below: a native popover in the top layer. It closes itself, because a browser's own
 * light dismissal would close at the release of the long press that opened it.
 */
export function MenuProvider({ children }: { readonly children: ReactNode }) {
  const [menu, setMenu] = useState<(OpenMenu & { readonly opener: HTMLElement | null }) | null>(null)
  const back = useRef<HTMLElement | null>(null)
  const show = useCallback<ShowMenu>((next) => {
    back.current = document.activeElement instanceof HTMLElement ? document.activeElement : null
    setMenu({ ...next, opener: back.current })
  }, [])
  const close = useCallback((refocus: boolean) => {
    setMenu(null)
    if (refocus && back.current?.isConnected) back.current.focus({ preventScroll: true })
  }, [])
  return (
    <MenuContext.Provider value={show}>
      {children}
      {menu && inDialog(menu.opener, <Menu key={menu.label + menu.anchor.left + menu.anchor.top} menu={menu} close={close} />)}
    </MenuContext.Provider>
  )
}

/** What lies outside an open dialog is dead while it is open: a menu that was asked for in there belongs in there. */
function inDialog(opener: HTMLElement | null, menu: ReactNode): ReactNode {
  const dialog = opener?.closest('dialog')
  return dialog ? createPortal(menu, dialog) : menu
}

function Menu({ menu, close }: { readonly menu: OpenMenu; readonly close: (refocus: boolean) => void }) {
  const root = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const element = root.current
    if (!element) return
    element.showPopover()
    placeAt(element, menu.anchor)
    const items = itemsOf(element)
    ;(items.find((item) => item.getAttribute('aria-checked') === 'true') ?? items[0])?.focus({ preventScroll: true })
    const onPress = (event: PointerEvent): void => {
      if (event.target instanceof Node && !element.contains(event.target)) close(false)
    }
    const onOtherKey = (event: globalThis.KeyboardEvent): void => {
      if (event.key === 'Escape') close(true)
    }
    document.addEventListener('pointerdown', onPress, true)
    document.addEventListener('keydown', onOtherKey)
    return () => {
      document.removeEventListener('pointerdown', onPress, true)
      document.removeEventListener('keydown', onOtherKey)
    }
  }, [menu, close])

  const onKeyDown = (event: KeyboardEvent): void => {
    event.stopPropagation()
    const items = root.current ? itemsOf(root.current) : []
    const at = items.findIndex((item) => item === document.activeElement)
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key]
    if (next !== undefined) {
      event.preventDefault()
      items[(next + items.length) % items.length]?.focus()
    } else if (event.key === 'Tab' || event.key === 'Escape') {
      event.preventDefault()
      close(true)
    } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) {
      const rest = [...items.slice(at + 1), ...items.slice(0, at + 1)]
      rest.find((item) => item.textContent?.toLowerCase().startsWith(event.key.toLowerCase()))?.focus()
    }
  }

  return (
    <div ref={root} popover="manual" role="menu" aria-label={menu.label} tabIndex={-1} className="pop menu" onKeyDown={onKeyDown}>
      <div className="head el" aria-hidden="true">{menu.label}</div>
      {menu.items.map((item, i) =>
        item === null ? (
          <hr key={`rule-${i}`} />
        ) : (
          <button
            key={item.id} type="button" tabIndex={-1} className={cx(item.danger && 'dng')}
            role={item.checked === undefined ? 'menuitem' : 'menuitemradio'} aria-checked={item.checked}
            onClick={() => {
              close(true)
              item.run()
            }}
          >
            {item.checked !== undefined && <span className="w-3 text-accent" aria-hidden="true">{item.checked ? '✓' : ''}</span>}
            <span className="flex-1">
              {item.label}
              {item.note && <span className="block text-11 text-text3">{item.note}</span>}
            </span>
            {item.hint && <kbd className="kbd">{item.hint}</kbd>}
          </button>
        ),
      )}
    </div>
  )
}

function itemsOf(menu: HTMLElement): HTMLElement[] {
  return [...menu.querySelectorAll<HTMLElement>('[role^="menuitem"]')]
}
