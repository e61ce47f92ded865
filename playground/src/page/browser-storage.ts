import { createMemoryStorage, type WebStorage } from '@r3session/wx-simulator'

/**
 * The browser's `localStorage`, so that the token is still there after a reload, or its `sessionStorage`, which lasts
 * as long as the tab. A storage in memory if the browser forbids both.
 */
export function browserStorage(kind: 'localStorage' | 'sessionStorage'): WebStorage {
  try {
    // Reading this property throws if cookies are blocked.
    return window[kind]
  } catch {
    return createMemoryStorage()
  }
}

/** Saves a choice for the next visit. If the storage is full or forbidden, the choice is lost but the page works. */
export function save(storage: WebStorage, key: string, value: string): void {
  try {
    storage.setItem(key, value)
  } catch {
    // The choice lasts only for this visit.
  }
}
