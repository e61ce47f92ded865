import { find } from './dom.js'

/** Tabs by the WAI-ARIA pattern: only one is in the Tab order; arrow keys, Home and End move between them. */
export function createTabs(list: HTMLElement): void {
  const tabs = [...list.querySelectorAll<HTMLElement>('[role=tab]')]
  const panelOf = (tab: HTMLElement) => find(tab.getAttribute('aria-controls') ?? '')
  const select = (chosen: HTMLElement) => {
    for (const tab of tabs) {
      const isChosen = tab === chosen
      tab.setAttribute('aria-selected', String(isChosen))
      tab.tabIndex = isChosen ? 0 : -1
      panelOf(tab).hidden = !isChosen
    }
  }
  const target = (key: string, at: number): HTMLElement | undefined => {
    if (key === 'ArrowRight') return tabs[(at + 1) % tabs.length]
    if (key === 'ArrowLeft') return tabs.at(at - 1)
    if (key === 'Home') return tabs[0]
    return key === 'End' ? tabs.at(-1) : undefined
  }
  for (const [at, tab] of tabs.entries()) {
    // A panel may contain nothing to focus, but must scroll by keyboard.
    panelOf(tab).tabIndex = 0
    tab.addEventListener('click', () => select(tab))
    tab.addEventListener('keydown', (event) => {
      const next = target(event.key, at)
      if (next === undefined) return
      event.preventDefault()
      select(next)
      next.focus()
    })
  }
  const [first] = tabs
  if (first !== undefined) select(first)
}
