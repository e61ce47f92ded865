import type { WebStorage } from '@r3session/wx-simulator'
import { save } from '../page/browser-storage.js'
import { en, type Texts } from './en.js'
import { zh } from './zh.js'

type LanguageName = 'en' | 'zh'

const tables: Record<LanguageName, Texts> = { en, zh }

/** The keys of texts that are plain strings. */
type Single = { [Key in keyof Texts]: Texts[Key] extends string ? Key : never }[keyof Texts]

/** The key that the choice is saved under. The simulator's keys in the same storage have another prefix. */
const STORAGE_KEY = 'playground.language'

/**
 * The language of the page: the last choice, otherwise the one that the browser prefers. Now and after each change, it
 * sets the text of all elements with `data-text` in index.html, and the `aria-label` of those with `data-label`.
 */
export function createLanguage(storage: WebStorage, preferred: readonly string[]) {
  const saved = storage.getItem(STORAGE_KEY)
  let name: LanguageName = saved === 'en' || saved === 'zh' ? saved : firstOf(preferred)
  const listeners: (() => void)[] = []

  /** Has an element say this, now and in the other language. */
  const say = (element: HTMLElement, text: Single): void => {
    element.dataset['text'] = text
    element.textContent = tables[name][text]
  }
  const fill = () => {
    const texts = tables[name]
    document.documentElement.lang = name === 'zh' ? 'zh-CN' : 'en'
    document.title = texts.title
    for (const element of document.querySelectorAll<HTMLElement>('[data-text]')) {
      element.textContent = texts[element.dataset['text'] as Single]
    }
    for (const element of document.querySelectorAll<HTMLElement>('[data-label]')) {
      element.setAttribute('aria-label', texts[element.dataset['label'] as Single])
    }
  }
  fill()

  return {
    say,
    get texts(): Texts {
      return tables[name]
    },
    /** The listener runs after each change, when the static texts are already set. */
    onChange(listener: () => void): void {
      listeners.push(listener)
    },
    toggle(): void {
      name = name === 'en' ? 'zh' : 'en'
      save(storage, STORAGE_KEY, name)
      fill()
      for (const listener of listeners) listener()
    },
  }
}

export type Language = ReturnType<typeof createLanguage>

function firstOf(preferred: readonly string[]): LanguageName {
  const known = preferred.find((tag) => /^(en|zh)\b/i.test(tag))
  return known?.toLowerCase().startsWith('zh') ? 'zh' : 'en'
}
