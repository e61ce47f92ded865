import type { Time } from './time.js'
import type { Wx } from './wx.js'

/** What `createClient` takes. */
export interface ClientOptions {
  /** The address of r3session, such as `https://login.example.com`. It may have a path, but no query. */
  readonly baseUrl: string
  /** The mini program's global `wx`, or an object that behaves like it. */
  readonly wx: Wx
  /** The appid of this mini program. Needed only if the service has several. */
  readonly appid?: string
  /** The key in the phone's storage; default `r3session`. Clients with the same key share a session. */
  readonly storageKey?: string
  /** For tests. Default: the phone's clock and timers. */
  readonly time?: Time
  /** For tests. Default: `Math.random`. */
  readonly random?: () => number
}

/** The mini program's side of r3session. All calls reject with an `R3SessionError` and nothing else. */
export interface Client {
  /**
   * Makes sure that there is a session, and tells how many seconds it has left. Call it before you show a button that
   * asks the user for data: the service can decrypt what WeChat encrypts after that.
   *
   * Sends nothing while the session is known to be valid. Otherwise it asks the service about the stored token. It
   * calls `wx.login` only if there is no token or its session has ended, and only once for all callers at the same
   * time.
   */
  login(): Promise<{ expiresIn: number }>

  /**
   * `wx.request` with the session's token, as a promise. Logs in first when there is no token; logs in and repeats the
   * request once when the answer is 401; waits and repeats it, at most twice, when the answer is 429 or 503 with a
   * `Retry-After` of up to 5 seconds. A request that got no answer is not repeated: only you know whether that is safe.
   *
   * Resolves for a status of 2xx and rejects for all others. `T` is the type that you expect; it is not checked. The
   * token is sent to the server in `url`, so use absolute urls only for your own servers.
   */
  request<T = unknown>(options: RequestOptions): Promise<Answer<T>>

  /** Who is logged in, and until when. Logs in if needed. */
  session(): Promise<SessionInfo>

  /**
   * Decrypts data from WeChat, for example the whole result of `wx.getUserInfo`. Take the user's identity from
   * `session()`, never from the data: the cipher can't prove that nobody changed it.
   *
   * It sends the data with the current session and does not call `wx.login` before, because that may replace WeChat's
   * key. If the data can't be decrypted (`decrypt_failed`, `signature_mismatch`), or if there was no session
   * (`unauthorized`), it first logs in again and then rejects with the action `relogin`: ask the user once more, and
   * the new data can be decrypted.
   */
  decrypt<T = Record<string, unknown>>(sealed: SealedData): Promise<T>

  /**
   * The phone number for `event.detail.code` of `<button open-type="getPhoneNumber">`. If the user refused, the event
   * has no code, and the call rejects. Logs in if needed.
   */
  phoneNumber(code: string | undefined): Promise<PhoneNumber>

  /** Ends the session and forgets the token. Rejects, and keeps the token, if the service can't confirm it. */
  logout(): Promise<void>
}

/** The options of `wx.request` without callbacks. Options that are not named here are passed on as well. */
export interface RequestOptions {
  /** Relative to `baseUrl` unless it begins with `http://` or `https://`. */
  readonly url: string
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS' | 'HEAD' | 'TRACE' | 'CONNECT'
  readonly data?: string | object | ArrayBuffer
  /** The session's `Authorization` replaces one given here. */
  readonly header?: Readonly<Record<string, string>>
  /** Milliseconds; WeChat's default is 60 000. */
  readonly timeout?: number
  readonly dataType?: string
  readonly responseType?: 'text' | 'arraybuffer'
  readonly enableCache?: boolean
  readonly enableChunked?: boolean
  readonly enableHttp2?: boolean
  readonly enableHttpDNS?: boolean
  readonly enableProfile?: boolean
  readonly enableQuic?: boolean
  readonly forceCellularNetwork?: boolean
  readonly httpDNSServiceId?: string
}

/** The answer to a request. */
export interface Answer<T> {
  readonly statusCode: number
  readonly data: T
  /** As WeChat gives them: the case of the names differs between phones. */
  readonly header: Readonly<Record<string, string>>
}

/**
 * Data that WeChat has encrypted. Only these four fields are sent, so you can give a whole `wx` result. A result
 * without them, because the user refused, is rejected.
 */
export interface SealedData {
  readonly encryptedData?: string
  readonly iv?: string
  readonly rawData?: string
  readonly signature?: string
}

/** The session as the service knows it. Times are ISO 8601, UTC. */
export interface SessionInfo {
  readonly appid: string
  readonly openid: string
  /** Only if the mini program is bound to a WeChat Open Platform account. */
  readonly unionid?: string
  readonly createdAt: string
  /** When the session ends if it is not used before. */
  readonly expiresAt: string
}

export interface PhoneNumber {
  /** Has the country code if the number is from outside mainland China. */
  readonly phoneNumber: string
  readonly purePhoneNumber: string
  readonly countryCode: string
}
