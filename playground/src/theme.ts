import type { WebStorage } from '@r3session/wx-simulator'
import { keep } from './browser-storage.js'

/** Where the choice is kept. */
const KEPT_AS = 'playground.theme'

/** Dark or light: as the system says until the button is pressed, then as chosen. */
export function createTheme(button: HTMLElement, storage: WebStorage): void {
  const { dataset } = document.documentElement
  const kept = storage.getItem(KEPT_AS)
  if (kept === 'dark' || kept === 'light') dataset['theme'] = kept
  button.addEventListener('click', () => {
    const isDark =
      (dataset['theme'] ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark'
    dataset['theme'] = isDark ? 'light' : 'dark'
    keep(storage, KEPT_AS, dataset['theme'])
  })
}
