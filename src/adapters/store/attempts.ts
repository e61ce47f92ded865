import type { AttemptRepository, Sealer } from '../../domain/ports.js'
import type { UserKey } from '../../domain/session.js'
import { hashOfAttempt } from './hashes.js'
import type { FinishedAttempt, HashedAttempt, RawStore } from './raw-store.js'

/** An AttemptRepository over any raw store; answers are sealed, each for its own place. */
export function createAttempts<Answer extends object>(
  kind: 'login' | 'phone',
  raw: RawStore,
  sealer: Sealer,
): AttemptRepository<Answer> {
  return {
    async claim(attempt, when) {
      const hashed = hashOfAttempt(kind, attempt)
      const claim = await raw.claim(hashed, when)
      if (typeof claim === 'string') return claim
      const answer = sealer.open(claim.sealedAnswer, placeOf(hashed))
      // Another process sealed it under a secret this one does not have: the code is used, and for whom can't be told.
      return answer === undefined ? 'taken' : { answer: JSON.parse(answer) }
    },

    finish: (attempt, user, answer) =>
      raw.finish(finished(hashOfAttempt(kind, attempt), user, answer, sealer)),

    abandon: (attempt) => raw.abandon(hashOfAttempt(kind, attempt)),
  }
}

export function finished(
  hashed: HashedAttempt,
  { appid, openid }: UserKey,
  answer: object,
  sealer: Sealer,
): FinishedAttempt {
  const sealedAnswer = sealer.seal(JSON.stringify(answer), placeOf(hashed))
  return { ...hashed, sealedAnswer, user: { appid, openid } }
}

function placeOf({ codeHash, keyHash }: HashedAttempt): string {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
  return JSON.stringify(['login_attempts', hex(codeHash), hex(keyHash)])
}
