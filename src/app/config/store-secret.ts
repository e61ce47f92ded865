/** The secret that seals what the store keeps: where it comes from, when it is made, what is said about it. */
import type { Config } from './config.js'
import { readSecret, secretIn } from './secret-file.js'

export type StoreSecret = ReturnType<typeof storeSecretOf>

/**
 * SESSION_SECRET, or else what is kept in a file beside the store. Sessions in memory need no secret that outlives the
 * process.
 */
export function storeSecretOf({ sessionSecrets: given, store }: Pick<Config, 'sessionSecrets' | 'store'>) {
  const file = store.kind === 'sqlite' ? `${store.path}.secret` : undefined
  const kept = given.length > 0 ? undefined : file

  return {
    /** How an operator finds it: `SESSION_SECRET`, or its path. */
    name: kept ?? 'SESSION_SECRET',

    /** What may lie beside the store, also where SESSION_SECRET is set by now: it tells of a store before. */
    files: file === undefined ? [] : [file],

    /** Newest first; none where a start would have to make one. Fails where the file holds no secret. */
    present(): readonly string[] {
      const secret = kept && readSecret(kept)
      return secret === undefined ? given : [secret]
    },

    /**
     * For a start, newest first; one is made where there is none. Only for a store that is open: one that can't be
     * opened leaves no secret behind.
     *
     * @param makeSecret gives a fresh secret as text
     */
    take(makeSecret: () => string): { readonly secrets: readonly string[]; readonly isNew: boolean } {
      if (given.length > 0) return { secrets: given, isNew: false }
      if (kept === undefined) return { secrets: [makeSecret()], isNew: true }
      const isNew = readSecret(kept) === undefined
      return { secrets: [secretIn(kept, makeSecret)], isNew }
    },
  }
}

/** What to say where the secret opens nothing of what the store holds. */
export function misfitOf({ isNew }: { isNew: boolean }): string {
  const what = isNew
    ? "the store's secret is not there, a new one is made"
    : 'the secret is not the one that the store was sealed with'
  return `${what}: sessions live on, sealed data opens after each user's next login`
}
