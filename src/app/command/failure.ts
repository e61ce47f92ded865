/** How a command of `r3session` ends. */
import { inLanguage, type Language, type Text } from '../config/language.js'
import { CheckFailure } from '../doctor/doctor.js'

export const statuses = {
  done: 0,
  failed: 1,
  /** Called in a way that means nothing. */
  wrongCall: 2,
  /** sysexits.h: EX_CONFIG. */
  settings: 78,
} as const

/** Where a command tells what it did, and what is the matter, in the language of whoever reads it. */
export interface Terminal {
  readonly print: (text: string) => void
  readonly complain: (text: string) => void
  readonly language: Language
}

/** What was asked for can't be done; the text says why, and what to do about it. */
export class CommandFailure extends Error {
  readonly text: Text

  constructor(en: string, zh: string) {
    super(en)
    this.text = { en, zh }
  }
}

/** The call itself makes no sense. */
export class WrongCall extends CommandFailure {}

/** The settings make none. */
export class WrongSettings extends CommandFailure {}

/** The exit status of an error, and what to say; a defect passes. */
export function statusOf(error: unknown, language: Language): { status: number; text: string } {
  if (error instanceof CommandFailure) {
    const status =
      error instanceof WrongCall
        ? statuses.wrongCall
        : error instanceof WrongSettings
          ? statuses.settings
          : statuses.failed
    return { status, text: inLanguage(language, error.text) }
  }
  if (error instanceof CheckFailure) {
    const text = `${error.found[language]}\n${error.advice[language]}`
    return { status: statuses.failed, text }
  }
  if (isConfigError(error)) return { status: statuses.settings, text: error.in(language) }
  throw error
}

/** By its form: the class would bring zod along for those who need no settings. */
function isConfigError(error: unknown): error is { in(language: Language): string } {
  return error instanceof Error && error.name === 'ConfigError' && 'in' in error
}
