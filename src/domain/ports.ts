/**
 * Every port of the domain (limits/counters.ts and keys/wechat-keys.ts have more), each with its whole contract. An
 * adapter is right when it passes the port's suite in `test/contract`. Ports fail with an `R3SessionError` of the codes named here, and nothing else.
 */
import type { Facts } from './errors.js'
import type { KeyRing } from './key-ring.js'
import type { WechatKeys } from './keys/wechat-keys.js'
import type { Counters } from './limits/counters.js'
import type { Session, UserKey } from './session.js'

/** Milliseconds since 1970. */
export type Clock = () => number

/** A login that is about to be recorded. */
export interface NewLogin {
  /** The r3session, 128 hex digits, new with this login. Never stored as it is. */
  readonly token: string
  readonly session: Session
  /** The session_key WeChat gave with this login, base64 text. */
  readonly sessionKey: string
  /** What `epoch` said when the login began, before WeChat was asked. */
  readonly epoch: number
  /** How many live sessions the user may have, this one included. */
  readonly maxSessions: number
  /** The attempt this login was claimed for, where there is one; it is finished in the same step. */
  readonly attempt?: Attempt
}

/** The r3session of a login, and the instant until which it lives unused. */
export interface LoginAnswer {
  readonly r3session: string
  readonly expiresAt: number
}

/**
 * Keeps sessions. Every method of all repositories fails with `storage_unavailable` when the store is busy, full,
 * read-only, broken, out of reach, or silent for 3 s; it has changed nothing then, but in the last case may still do so.
 * "Durable" is what a resolved promise confirmed and kill -9 can't undo. No token, code or key is on the disk as it is.
 */
export interface SessionRepository {
  /**
   * Records the session and puts the key on the user's ring (`withKey`, at `session.createdAt`): both or neither. A
   * ring that can't be read any more is replaced by one of the new key alone. Durable.
   *
   * The oldest of the user's live sessions (by `createdAt`, never the new one) make room until `maxSessions` are left;
   * tells how many did. Fails with `invalid_session` when the user's sessions were all ended since `epoch`: a login
   * that was under way when its user was thrown out must not outlive that. The key alone is recorded then, and not even
   * that for a user without a ring: nothing comes back of one who was forgotten.
   */
  save(login: NewLogin): Promise<{ readonly madeRoom: number }>
  /**
   * A number that never falls, and that every ending of a session (`delete`, `endOne`, `endAll`, `forget`, making room)
   * raises before it is confirmed: while it stays the same, no process has ended a session that was found alive. A
   * session that expires raises nothing: its end is known beforehand.
   */
  epoch(): Promise<number>
  /**
   * The session of this token as last recorded, or where that `suffices` as read earlier, if none at all was ended since
   * (a `touch` of another process may be missing then); `undefined` for any string that opens none. Past its end it may
   * be given or not. Where the record costs no more than the news of endings it is read, unless the use `isRecorded`.
   */
  find(
    token: string,
    suffices?: (earlier: Session) => boolean,
    isRecorded?: (earlier: Session) => boolean,
  ): Promise<Session | undefined>
  /** Records the instants of a use, unless there was a later one; revives none. A crash may lose it. Many may share a promise. */
  touch(token: string, session: Session): Promise<void>
  /** Ends the session of this token, and gives it. Idempotent: an unknown token is no error. Durable. */
  delete(token: string): Promise<Session | undefined>
  /** The user's sessions that live at `now`, the latest first. */
  list(user: UserKey, now: number): Promise<readonly Session[]>
  /** Ends the user's session with this public id, and tells whether there was one. Idempotent. Durable. */
  endOne(user: UserKey, id: string): Promise<boolean>
  /**
   * Ends all sessions of the user and tells how many lived at `now`. Durable. A login that began before is refused
   * until `rememberUntil`, which has to lie further away than any login takes.
   */
  endAll(user: UserKey, when: Ending): Promise<number>
  /** Ends all sessions likewise, and deletes what else is kept of the user: ring and answers of attempts. Durable. */
  forget(user: UserKey, when: Ending): Promise<number>
  /** Resolves when the store could serve a login now. */
  ready(): Promise<void>
}

/** Instants of an ending, milliseconds since 1970. */
export interface Ending {
  readonly now: number
  readonly rememberUntil: number
}

/** Keeps the ring of session keys of each user, at least as long as any session of theirs; then it may be gone. */
export interface KeyRingRepository {
  /**
   * The user's session keys, newest first, replaced ones included (`liveKeys` tells which count). Empty for an unknown
   * user, and for keys sealed under a secret this process does not have.
   */
  keys(user: UserKey): Promise<KeyRing>
  /**
   * Records the ring that `change` makes of the present one. `change` runs again when another change came between, so
   * that none is lost; nothing is written when it gives back the very ring it was given. Durable.
   */
  change(user: UserKey, change: (ring: KeyRing) => KeyRing): Promise<void>
}

/** A one-time code of WeChat's, together with what makes a retry recognisable. */
export interface Attempt {
  readonly appid: string
  readonly code: string
  /** The client's `Idempotency-Key` for a login code, the openid for a code of the phone button. */
  readonly key: string
}

/** `first`: the caller's, who has to end it. `running`: under way elsewhere. `taken`: the code had another key. */
export type Claim<Answer> = 'first' | 'running' | 'taken' | { readonly answer: Answer }

/** Remembers for a while what a one-time code brought, for all who share the store. */
export interface AttemptRepository<Answer> {
  /**
   * Claims an attempt at `now`. One caller is told `first` for a code, however many processes share the store; a claim
   * without an answer at `leaseUntil` (its process died) can be claimed again with the same key. The first claim of all
   * says until when the attempt is remembered.
   */
  claim(
    attempt: Attempt,
    when: { readonly now: number; readonly leaseUntil: number; readonly rememberUntil: number },
  ): Promise<Claim<Answer>>
  /**
   * Records what the attempt brought, for its user; of one who was forgotten meanwhile, and so has no ring, it is given
   * up. May be lost in a crash. (`save` does it for a login.)
   */
  finish(attempt: Attempt, user: UserKey, answer: Answer): Promise<void>
  /** Gives up a claim that failed, so that a retry starts anew. */
  abandon(attempt: Attempt): Promise<void>
}

/** What WeChat says of a login code. */
export interface WechatIdentity {
  /** The user within this mini program; opaque, visible ASCII, at most 64 characters. */
  readonly openid: string
  /** base64 text of 16 bytes. */
  readonly sessionKey: string
  /** The user across all apps of one Open Platform account, where the mini program is bound to one. */
  readonly unionid?: string
}

/**
 * WeChat's server. One deadline covers a whole call, repeats included.
 *
 * A login code is spent by the first request that reaches WeChat. So a call is repeated, once, only when no byte of it
 * can have arrived, or when WeChat itself answered -1 (busy); never after a timeout, a reset or a broken answer.
 *
 * But a request that ends with a kept connection, without a byte of an answer, is repeated once on a new one. As a rule
 * WeChat had closed the kept one; where it had not, the repeat finds the code used: `wechat_invalid_response`, as without.
 */
export interface WechatGateway extends WechatLogin, WechatTokens, WechatKeys, WechatPhone {}

export interface WechatLogin {
  /** Trades a login code for the user's identity (code2Session). Fails with `exchangeErrors`. */
  exchangeCode(appid: string, code: string): Promise<WechatIdentity>
}

export interface WechatTokens {
  /**
   * The app's access_token (stable_token, never forced: the same one until 5 minutes before its end), seconds it lives.
   * Fails with `wechatErrors`, as every call to WeChat may: `wechat_unreachable` where nothing was sent, `wechat_timeout`
   * where it was and no answer came. No error, fact or cause of one holds the URL, the secret or the code.
   */
  stableToken(appid: string): Promise<{ accessToken: string; expiresIn: number }>
}

export interface WechatPhone {
  /**
   * The number behind a code of the openid's phone button (getPhoneNumber); each success costs money. Fails with
   * `code_invalid`, `code_used`, StaleAccessToken and like `stableToken`.
   */
  phoneNumber(accessToken: string, code: string, openid: string): Promise<PhoneNumber>
}

/** WeChat does not take an access_token (40001, 40014, 41001, 42001). Never leaves the domain. */
export class StaleAccessToken extends Error {
  readonly facts: Facts

  constructor(facts: Facts = {}) {
    super('stale access_token')
    this.facts = facts
  }
}

/** An access_token of WeChat's, as it is shared by all processes on one store. Instants in milliseconds since 1970. */
export interface AccessToken {
  readonly accessToken: string
  readonly expiresAt: number
  /** From when on it is worth asking for the next one. */
  readonly refreshAt: number
}

/** Keeps one access_token per mini program. Fails with `storeErrors`. A crash may lose it: WeChat gives it again. */
export interface AccessTokenRepository {
  /** The latest token, also past its end; `undefined` when there is none that this process can read. */
  read(appid: string): Promise<AccessToken | undefined>
  /** Whether the caller may fetch the next token: one caller at a time, until `write`, `release` or `until`. */
  claim(appid: string, now: number, until: number): Promise<boolean>
  /** Replaces the token and ends the claim. */
  write(appid: string, token: AccessToken): Promise<void>
  /** Ends the claim without a new token. */
  release(appid: string): Promise<void>
}

/** A phone number as getPhoneNumber gives it. */
export interface PhoneNumber {
  /** With the country code in front where that is not 86. */
  readonly phoneNumber: string
  readonly purePhoneNumber: string
  readonly countryCode: string
}

/** AES and hashes the way WeChat uses them. Never fails: what does not fit does not open. */
export interface Decryptor {
  /**
   * The plaintext of `encryptedData` (AES-128-CBC, PKCS#7; base64, also with white space, or with spaces where a `+` was
   * lost), or `undefined` unless lengths, padding and UTF-8 are strictly right. No MAC: a text that comes back proves nothing.
   */
  open(sealed: { encryptedData: string; iv: string; sessionKey: string }): string | undefined
  /** Whether `signature` is sha1_hex(rawData + session_key), compared in constant time. */
  verifies(signed: { rawData: string; signature: string; sessionKey: string }): boolean
}

/** Seals small texts for storage, bound to the place where they are kept. */
export interface Sealer {
  /** The text sealed for `place` under the newest secret; another result at every call. */
  seal(text: string, place: string): string
  /**
   * The text, or `undefined` when `sealed` was not made for this very place, was changed, or was sealed under a secret
   * that is not among ours. One that is no longer the newest still opens.
   */
  open(sealed: string, place: string): string | undefined
  /** 32 bytes that stand for the text, the same at every call, and tell nothing of it to who lacks the newest secret. */
  digest(text: string): Uint8Array
}

/** Everything the domain keeps, as a store gives it. */
export interface Repositories {
  readonly sessions: SessionRepository
  readonly keyRings: KeyRingRepository
  readonly loginAttempts: AttemptRepository<LoginAnswer>
  readonly phoneAttempts: AttemptRepository<PhoneNumber>
  readonly tokens: AccessTokenRepository
  readonly counters: Counters
}
