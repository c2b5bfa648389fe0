import { useSyncExternalStore } from 'react'
import type { OutputRow } from '../../../bridge/protocol'
import type { Kubeloop } from '../../state'

/** One tab: a shell. What was clicked, and what was typed before the page was opened, is in the first. */
export interface Shell {
  readonly id: number
  readonly title: string
}

/** The tabs of a page's terminal. Which command is whose is the page's knowledge: the log knows one machine. */
export interface Shells {
  readonly tabs: readonly Shell[]
  readonly active: number
  /** Command number → tab that typed it. */
  readonly owner: ReadonlyMap<number, number>
  /** Lines that were sent and have not come back as output yet. */
  readonly sent: readonly { readonly tab: number; readonly line: string; readonly after: number }[]
}

/** Most tabs. */
export const mostTabs = 8

const first: Shells = { tabs: [{ id: 1, title: '1' }], active: 1, owner: new Map(), sent: [] }
const all = new WeakMap<Kubeloop, { shells: Shells; listeners: Set<() => void> }>()

function slotOf(kubeloop: Kubeloop) {
  let slot = all.get(kubeloop)
  if (!slot) all.set(kubeloop, (slot = { shells: first, listeners: new Set() }))
  return slot
}

/** Most commands whose tab is remembered over a reload: the newest. */
const mostKept = 500

/** Keeps the tabs for the next visit, and takes back what the last one left when `restore`. */
export function keepShells(kubeloop: Kubeloop, key: string, restore: boolean): void {
  if (restore) {
    const kept = keptShells(key)
    if (kept) change(kubeloop, kept)
  }
  slotOf(kubeloop).listeners.add(() => {
    const { tabs, active, owner } = shellsOf(kubeloop)
    try {
      localStorage.setItem(key, JSON.stringify({ tabs: tabs.map(({ id }) => id), active, owner: [...owner].slice(-mostKept) }))
    } catch {
      // Storage may be forbidden or full: all commands are in the first tab then.
    }
  })
}

/** One shell again, as a new cluster has it. */
export const forgetShells = (kubeloop: Kubeloop): void => change(kubeloop, first)

function keptShells(key: string): Partial<Shells> | undefined {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? 'null') as { tabs?: unknown; active?: unknown; owner?: unknown } | null
    if (!kept || !isNumbers(kept.tabs) || kept.tabs.length === 0 || !Array.isArray(kept.owner)) return undefined
    const ids = kept.tabs.slice(0, mostTabs)
    const owner = new Map(kept.owner.filter((entry): entry is [number, number] => isNumbers(entry) && entry.length === 2 && ids.includes(entry[1] ?? 0)))
    return { tabs: ids.map((id) => ({ id, title: String(id) })), active: ids.find((id) => id === kept.active) ?? ids[0] ?? 1, owner }
  } catch {
    return undefined
  }
}

const isNumbers = (value: unknown): value is readonly number[] => Array.isArray(value) && value.every((one) => typeof one === 'number')

/** The tabs as they are now. */
export const shellsOf = (kubeloop: Kubeloop): Shells => slotOf(kubeloop).shells

export function useShells(kubeloop: Kubeloop): Shells {
  return useSyncExternalStore(
    (wake) => {
      const { listeners } = slotOf(kubeloop)
      listeners.add(wake)
      return () => listeners.delete(wake)
    },
    () => slotOf(kubeloop).shells,
  )
}

function change(kubeloop: Kubeloop, shells: Partial<Shells>): void {
  const slot = slotOf(kubeloop)
  slot.shells = { ...slot.shells, ...shells }
  for (const listener of slot.listeners) listener()
}

export function openTab(kubeloop: Kubeloop): void {
  const { tabs } = shellsOf(kubeloop)
  if (tabs.length >= mostTabs) return
  const id = Math.max(...tabs.map((tab) => tab.id)) + 1
  change(kubeloop, { tabs: [...tabs, { id, title: String(id) }], active: id })
}

/** Closes a tab; what it typed goes to the first, and what still runs there is interrupted as by a closed terminal. */
export function closeTab(kubeloop: Kubeloop, id: number): void {
  const { tabs, owner, active } = shellsOf(kubeloop)
  const at = tabs.findIndex((tab) => tab.id === id)
  if (tabs.length < 2 || at < 1) return
  for (const command of runningIn(kubeloop.output.rows, (number) => owner.get(number) === id)) kubeloop.input({ type: 'interrupt', command, hangup: true })
  change(kubeloop, { tabs: tabs.filter((tab) => tab.id !== id), active: active === id ? (tabs[at - 1]?.id ?? 1) : active, owner: new Map([...owner].filter(([, tab]) => tab !== id)) })
}

export const chooseTab = (kubeloop: Kubeloop, id: number): void => change(kubeloop, { active: id })

/** Sends a line as typed in a tab. */
export function sendLine(kubeloop: Kubeloop, line: string): void {
  const { sent, active } = shellsOf(kubeloop)
  const after = Math.max(0, ...kubeloop.output.rows.slice(-200).map(({ command }) => command))
  change(kubeloop, { sent: [...sent.slice(-20), { tab: active, line, after }] })
  kubeloop.input({ type: 'kubectl', line })
}

/** Gives the lines that came back as output to the tabs that had sent them. */
export function settle(kubeloop: Kubeloop, rows: readonly OutputRow[]): void {
  const { sent, owner } = shellsOf(kubeloop)
  if (sent.length === 0) return
  const left = [...sent]
  const given = new Map(owner)
  for (const row of rows) {
    if (row.stream !== 'line') continue
    const i = left.findIndex(({ line, after }) => line === row.text && row.command > after)
    if (i < 0) continue
    given.set(row.command, left[i]?.tab ?? 1)
    left.splice(i, 1)
  }
  if (left.length < sent.length) change(kubeloop, { sent: left, owner: given })
}

/** Forgets lines that never came back: the worker had refused them. */
export const forgetSent = (kubeloop: Kubeloop): void => change(kubeloop, { sent: [] })

/** Output of one tab. */
export function rowsOf(rows: readonly OutputRow[], { owner, tabs }: Shells, tab: number): readonly OutputRow[] {
  const firstTab = tabs[0]?.id ?? 1
  return owner.size === 0 && tab === firstTab ? rows : rows.filter(({ command }) => (owner.get(command) ?? firstTab) === tab)
}

/** Commands that began and have not ended, in order. */
export function runningIn(rows: readonly OutputRow[], which: (command: number) => boolean = () => true): readonly number[] {
  const running = new Set<number>()
  for (const { command, stream } of rows) {
    if (stream === 'line') running.add(command)
    else if (stream === 'exit') running.delete(command)
  }
  return [...running].filter(which)
}
