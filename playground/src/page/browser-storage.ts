import { createMemoryStorage, type WebStorage } from '@r3session/wx-simulator'

/**
 * The browser's `localStorage`, so that a reload finds the token where the mini program left it, or its
 * `sessionStorage`, which outlives a reload and not the tab; in memory where the browser forbids them to pages.
 */
export function browserStorage(kind: 'localStorage' | 'sessionStorage'): WebStorage {
  try {
    // The mere look at it throws where cookies are blocked.
    return window[kind]
  } catch {
    return createMemoryStorage()
  }
}

/** Keeps a choice for the next visit. Where the storage is full or closed, the page forgets it and works on. */
export function save(storage: WebStorage, key: string, value: string): void {
  try {
    storage.setItem(key, value)
  } catch {
    // A choice that lasts for this visit only.
  }
}
