/**
 * The seam that every engine meets: a store that knows nothing of tokens, codes and keys. All it is given is hashes,
 * sealed texts, and what may lie in the clear: who a user is (appid, openid, unionid), ids and instants. Its engine is
 * free; its answers are held by the suites in `test/contract`, which also look at everything that arrives here.
 *
 * Every method fails with `storage_unavailable` when the engine is busy, full, read-only, broken or out of reach, and
 * has then changed nothing; a write also when it is not confirmed within 3 s, and that one may still be done: of a
 * login nobody knows the token, an ending is what was asked for, and who repeats either loses nothing. Each is atomic, and is seen from then on by every process on the same data. "Durable"
 * means: what a resolved promise confirmed survives kill -9.
 */
import type { Count } from '../../domain/limits/counters.js'
import type { Session, UserKey } from '../../domain/session.js'

/** SHA-256 of a secret, 32 bytes. */
export type Hash = Uint8Array

/** A text that only the holders of the sealing secret can read; a `Sealer` made it. */
export type SealedText = string

/** What a use of a session changes of it. */
export type Times = Pick<Session, 'lastSeenAt' | 'expiresAt'>

/** A new ring of session keys, and the one it was made from (`undefined`: there was none). */
export interface RingChange {
  readonly sealed: SealedText
  readonly replaces: SealedText | undefined
}

/** An attempt at a one-time code, from which neither the code nor the client's key can be told. */
export interface HashedAttempt {
  readonly codeHash: Hash
  readonly keyHash: Hash
}

/** What an attempt brought, and for whom: when the user is forgotten it goes too. */
export interface FinishedAttempt extends HashedAttempt {
  readonly sealedAnswer: SealedText
  readonly user: UserKey
}

/** A session as it lies in a store, with the ring of its user. */
export interface StoredSession {
  readonly tokenHash: Hash
  readonly session: Session
  readonly ring: SealedText | undefined
}

export interface RawLogin {
  readonly tokenHash: Hash
  readonly session: Session
  readonly ring: RingChange
  /** As in NewLogin. */
  readonly epoch: number
  readonly maxSessions: number
  readonly attempt?: FinishedAttempt
}

/** What is to be added to a count. It begins, and lasts until `until`, where none runs at `now`. */
export interface Addition {
  readonly name: Hash
  readonly count: number
  readonly now: number
  readonly until: number
  /** Whether it may be left out where its name is new and there are too many. */
  readonly isOptional: boolean
}

export interface RawStore {
  /**
   * Records session, ring and answer in one step. `outdated`, and nothing recorded, when the ring on record is not
   * (any more) the one to be replaced. `ended` and the attempt given up, when the user's sessions were all ended
   * since `epoch`; the ring is recorded then only in place of another, not for a user who was forgotten. Beyond
   * `maxSessions` live ones the oldest end, but never the new one: so many `madeRoom`. Durable.
   */
  save(login: RawLogin): Promise<{ madeRoom: number } | 'outdated' | 'ended'>

  /** A number that never falls, and that every ending of a session raises before it is confirmed. */
  epoch(): Promise<number>

  /** The session as it was last recorded, until its end; past its end it may be there or gone. */
  find(tokenHash: Hash): Promise<Session | undefined>

  /**
   * For an engine to which one question costs less than two: the session as `find` gives it, with an epoch that was
   * read no later. So it is alive for as long as `epoch` still says that.
   */
  findWithEpoch?(tokenHash: Hash): Promise<{ session: Session | undefined; epoch: number }>

  /** Whether it lies on another machine: to ask for the epoch is a way there, and a session comes along for nothing. */
  readonly isDistant?: boolean

  /**
   * Records the instants of a session; nothing for one that is gone or was seen later. May be lost in a crash. Gives
   * whether the session is there, and so are all that were recorded together with it, which may share a promise.
   */
  touch(tokenHash: Hash, times: Times): Promise<boolean>

  /** Ends a session, and gives it. Nothing for one that is gone. Durable. */
  delete(tokenHash: Hash): Promise<Session | undefined>

  /** The user's sessions that live at `now`, the latest `createdAt` first. */
  list(user: UserKey, now: number): Promise<readonly Session[]>

  /** Ends the user's session of this id, and tells whether there was one. Durable. */
  endOne(user: UserKey, id: string): Promise<boolean>

  /**
   * Ends all sessions of the user, tells how many lived at `now`, and until `rememberUntil` answers `ended` to logins
   * of the user that began before. With `forget`, the user's ring and answers go as well. Durable.
   */
  endAll(user: UserKey, when: { now: number; rememberUntil: number; forget: boolean }): Promise<number>

  /** The user's ring. It lives at least as long as any of the user's sessions. */
  ring(user: UserKey): Promise<SealedText | undefined>

  /** Replaces the ring; `outdated`, and nothing changed, when another one is on record than it was made from. Durable. */
  putRing(user: UserKey, ring: RingChange): Promise<'saved' | 'outdated'>

  /**
   * Claims an attempt: `first` for one caller alone, also when its lease has run out unanswered; `running` for others
   * with the same key; `taken` for those with another key; the answer once there is one. The first claim says until
   * when the attempt is remembered. May be lost in a crash.
   */
  claim(
    attempt: HashedAttempt,
    when: { now: number; leaseUntil: number; rememberUntil: number },
  ): Promise<'first' | 'running' | 'taken' | { sealedAnswer: SealedText }>

  /**
   * Records the answer of an attempt that was claimed with this key. Of a user without a ring, who was forgotten
   * meanwhile, nothing is kept: the attempt is given up. May be lost in a crash.
   */
  finish(attempt: FinishedAttempt): Promise<void>

  /** Gives up an unanswered attempt of this key. May be lost in a crash. */
  abandon(attempt: HashedAttempt): Promise<void>

  /** The app's sealed access_token. It and its claim may be lost in a crash. */
  token(appid: string): Promise<SealedText | undefined>

  /** Whether the caller got the claim; one caller at a time, until `putToken`, `releaseToken` or `until`. */
  claimToken(appid: string, now: number, until: number): Promise<boolean>

  /** Replaces the token and ends the claim. */
  putToken(appid: string, sealed: SealedText): Promise<void>

  /** Ends the claim without a new token. */
  releaseToken(appid: string): Promise<void>

  /**
   * How many sessions are kept, those past their end that are still there included: exactly up to
   * 10,000, and of more an estimate within 4 %, at the same cost however many there are.
   */
  count(): Promise<number>

  /** What was counted under a name, also past its end; `undefined` for nothing. */
  counted(name: Hash): Promise<Count | undefined>

  /**
   * Adds to counts, and gives each as it is then, in the same order. A count that would run beyond `until` (the clock was
   * set back) has ended. May be lost in a power cut; kill -9 can't undo it.
   */
  addCounts(additions: readonly Addition[]): Promise<readonly Count[]>

  /** Resolves when a login could be read and written now. */
  ready(): Promise<void>
}
