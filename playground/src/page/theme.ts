import type { WebStorage } from '@r3session/wx-simulator'
import { save } from './browser-storage.js'

/** The key that the choice is saved under. */
const STORAGE_KEY = 'playground.theme'

/** Dark or light: the system's setting until the button is pressed, then the user's choice. */
export function createTheme(button: HTMLElement, storage: WebStorage): void {
  const { dataset } = document.documentElement
  const saved = storage.getItem(STORAGE_KEY)
  if (saved === 'dark' || saved === 'light') dataset['theme'] = saved
  button.addEventListener('click', () => {
    const isDark =
      (dataset['theme'] ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark'
    dataset['theme'] = isDark ? 'light' : 'dark'
    save(storage, STORAGE_KEY, dataset['theme'])
  })
}
