import type { WebStorage } from '@r3session/wx-simulator'
import { save } from '../page/browser-storage.js'
import { en, type Texts } from './en.js'
import { zh } from './zh.js'

type LanguageName = 'en' | 'zh'

const tables: Record<LanguageName, Texts> = { en, zh }

/** The keys of those texts that stand alone. */
type Single = { [Key in keyof Texts]: Texts[Key] extends string ? Key : never }[keyof Texts]

/** Where the choice is kept. The simulator's own keys in the same storage begin otherwise. */
const STORAGE_KEY = 'playground.language'

/**
 * The language of the page: what was chosen last time, else what the browser asks for. Fills every element of
 * index.html that has a `data-text`, now and at each change; `data-label` does the same for `aria-label`.
 */
export function createLanguage(storage: WebStorage, preferred: readonly string[]) {
  const saved = storage.getItem(STORAGE_KEY)
  let name: LanguageName = saved === 'en' || saved === 'zh' ? saved : firstOf(preferred)
  const listeners: (() => void)[] = []

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
    get texts(): Texts {
      return tables[name]
    },
    /** Runs after each change, with the static texts already in place. */
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
