/** One sentence in the languages the service speaks. What clients are sent of it never quotes input. */
export interface Text {
  readonly en: string
  readonly zh: string
}

export type Language = keyof Text

/** The language of whoever sits at the terminal: Chinese where the locale is Chinese, otherwise English (POSIX, 8.2). */
export function languageOf(env: Readonly<Record<string, string | undefined>>): Language {
  const locale = env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || ''
  return /^zh(?![a-z])/i.test(locale) ? 'zh' : 'en'
}

/** What is said to an operator: in both languages, or as it is in all (a code, a path). */
export type Said = Text | string

export function inLanguage(language: Language, said: Said): string {
  return typeof said === 'string' ? said : said[language]
}
