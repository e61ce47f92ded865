/**
 * Every port of the domain, each with its whole contract. An adapter is right when it passes the port's suite in
 * `test/contract`; what is written here and what is run there are meant to be the same.
 *
 * Ports fail with an `R3SessionError` of the codes named here, and with nothing else.
 */
import type { KeyRing } from './key-ring.js'
import type { Session, UserKey } from './session.js'

/** Milliseconds since 1970. */
export type Clock = () => number

/** A login that is about to be recorded. */
export interface NewLogin {
  /** The r3session, 128 hex digits. Never stored as it is. */
  readonly token: string
  readonly session: Session
  /** The session_key WeChat gave with this login, base64 text. */
  readonly sessionKey: string
}

/**
 * Keeps sessions and, per user, the ring of session keys.
 *
 * Every method fails with `storage_unavailable` when the store is busy, full, read-only, broken or out of reach, and
 * has then changed nothing. What a resolved promise confirmed survives kill -9.
 */
export interface SessionRepository {
  /**
   * Records the session and puts the key on the user's ring (`withKey`, at `session.createdAt`): both or neither. A
   * ring that can't be read any more is replaced by one that holds the new key alone. Durable when it resolves.
   */
  save(login: NewLogin): Promise<void>

  /**
   * The session of this token exactly as it was last recorded, also past its end: whether it still lives is the
   * caller's to judge. `undefined` for any string that opens none. Never changes anything.
   */
  find(token: string): Promise<Session | undefined>

  /**
   * Records `lastSeenAt` and `expiresAt` of a session in use. Does nothing when the session is gone, so that a use
   * can't bring back what a logout ended. May be lost in a crash.
   */
  touch(token: string, session: Session): Promise<void>

  /** Ends the session of this token. Idempotent: an unknown token is no error. Durable when it resolves. */
  delete(token: string): Promise<void>

  /**
   * The user's session keys, newest first, replaced ones included (`liveKeys` tells which still count). Empty for an
   * unknown user and for keys that were sealed under a secret this process does not have.
   */
  keys(user: UserKey): Promise<KeyRing>

  /** Resolves when the store could serve a login now. */
  ready(): Promise<void>
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
 * A login code is spent by the first request that reaches WeChat. So a call is repeated, once, only when no byte of
 * it can have arrived, or when WeChat itself answered -1 (busy); never after a timeout, a reset or a broken answer.
 */
export interface WechatGateway {
  /**
   * Trades a login code for the user's identity (code2Session).
   *
   * Fails with `code_invalid`, `code_used`, `user_blocked`, `wechat_rate_limited`, `wechat_busy`,
   * `wechat_unreachable` (nothing was sent), `wechat_timeout` (sent, no answer), `wechat_invalid_response`,
   * `wechat_misconfigured` or `wechat_quota`. Neither the error nor its causes hold the URL, the secret or the code.
   */
  exchangeCode(appid: string, code: string): Promise<WechatIdentity>
}

/** AES and hashes the way WeChat uses them. Never fails: what does not fit does not open. */
export interface Decryptor {
  /**
   * The plaintext of `encryptedData` (AES-128-CBC, PKCS#7; base64, also with line breaks or with spaces where a
   * `+` was lost on the way), or `undefined` unless lengths, padding and UTF-8 are all strictly right. There is no
   * MAC: a text that comes back is not proof of anything yet.
   */
  open(sealed: { encryptedData: string; iv: string; sessionKey: string }): string | undefined

  /** Whether `signature` is sha1_hex(rawData + session_key), compared in constant time. */
  verifies(signed: { rawData: string; signature: string; sessionKey: string }): boolean
}

/**
 * Seals small texts for storage, bound to the place where they are kept.
 */
export interface Sealer {
  /** The text sealed for `place` under the newest secret; another result at every call. */
  seal(text: string, place: string): string

  /**
   * The text, or `undefined` when `sealed` was not made for this very place, was changed, or was sealed under a
   * secret that is not among ours (any more). A secret that is no longer the newest still opens.
   */
  open(sealed: string, place: string): string | undefined
}
