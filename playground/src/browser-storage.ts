import { createMemoryStorage, type WebStorage } from '@r3session/wx-simulator'

/**
 * The browser's `localStorage`, so that a reload finds the token where the mini program left it; in memory where the
 * browser forbids it to pages.
 */
export function browserStorage(): WebStorage {
  try {
    // The mere look at it throws where cookies are blocked.
    return window.localStorage
  } catch {
    return createMemoryStorage()
  }
}

/** Keeps a choice for the next visit. Where the storage is full or closed, the page forgets it and works on. */
export function keep(storage: WebStorage, key: string, value: string): void {
  try {
    storage.setItem(key, value)
  } catch {
    // A choice that lasts for this visit only.
  }
}
