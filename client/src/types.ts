import type { Time } from './time.js'
import type { Wx } from './wx.js'

/** What `createClient` takes. */
export interface ClientOptions {
  /** Where r3session answers, `https://login.example.com`; a path is fine, a query is not. */
  readonly baseUrl: string
  /** The mini program's global `wx`, or anything that behaves like it. */
  readonly wx: Wx
  /** Which mini program this is; only for a service that has several. */
  readonly appid?: string
  /** The key in the phone's storage; default `r3session`. Clients with the same key share a session. */
  readonly storageKey?: string
  /** For tests: the phone's clock and timers unless given. */
  readonly time?: Time
  /** For tests: `Math.random` unless given. */
  readonly random?: () => number
}

/** The mini program's side of r3session. All calls reject with an `R3SessionError` and nothing else. */
export interface Client {
  /**
   * Makes sure that there is a session, and tells how many seconds it has left. Call it before you show a button that
   * asks the user for data: what WeChat seals from then on opens.
   *
   * Costs nothing while the session is known to live. Otherwise it asks the service about the stored token, and calls
   * `wx.login` only when there is none or it has ended; once, however many callers wait.
   */
  login(): Promise<{ expiresIn: number }>

  /**
   * `wx.request` with the session's token, as a promise. Logs in first when there is no token; logs in and repeats the
   * request once when the answer is 401; waits and repeats it, at most twice, when the answer is 429 or 503 with a
   * `Retry-After` of up to 5 seconds. A request that got no answer is not repeated: whether that is safe, only you know.
   *
   * Resolves for a status of 2xx and rejects for all others. The `T` is your word for what the data looks like; it is
   * not checked. The token goes wherever `url` points, so give an absolute url of your own servers only.
   */
  request<T = unknown>(options: RequestOptions): Promise<Answer<T>>

  /** Who is logged in, and until when. Logs in when needed. */
  session(): Promise<SessionInfo>

  /**
   * Opens what WeChat sealed, `wx.getUserInfo`'s whole result for example. Take identity from `session()`, never from
   * the data: the cipher can't prove that it is whole.
   *
   * The session that was alive when the data was sealed is the one it is sent with: `wx.login` may replace WeChat's key
   * and is not called before. When the data doesn't open (`decrypt_failed`, `signature_mismatch`), or when there was no
   * session (`unauthorized`), a new login is made first and then the promise rejects with the action `relogin`: ask the
   * user once more, and it will open.
   */
  decrypt<T = Record<string, unknown>>(sealed: SealedData): Promise<T>

  /**
   * The number behind `event.detail.code` of `<button open-type="getPhoneNumber">`; the event has none where the user
   * refused, and that is rejected. Logs in when needed.
   */
  phoneNumber(code: string | undefined): Promise<PhoneNumber>

  /** Ends the session and forgets the token. Rejects, and forgets nothing, when the service can't confirm it. */
  logout(): Promise<void>
}

/** `wx.request`'s options without callbacks; those that are not named here are passed on as well. */
export interface RequestOptions {
  /** Relative to `baseUrl` unless it begins with `http://` or `https://`. */
  readonly url: string
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS' | 'HEAD' | 'TRACE' | 'CONNECT'
  readonly data?: string | object | ArrayBuffer
  /** An `Authorization` among them gives way to the session's. */
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

/** What came back. */
export interface Answer<T> {
  readonly statusCode: number
  readonly data: T
  /** As WeChat gives them: the letter case of the names differs between phones. */
  readonly header: Readonly<Record<string, string>>
}

/**
 * What WeChat seals. Only these four fields are sent, so a whole `wx` result can be given; also one where the user has
 * refused, which has none of them and is rejected.
 */
export interface SealedData {
  readonly encryptedData?: string
  readonly iv?: string
  readonly rawData?: string
  readonly signature?: string
}

/** The session as the service sees it; times in ISO 8601, UTC. */
export interface SessionInfo {
  readonly appid: string
  readonly openid: string
  /** Only for a mini program that is bound to a WeChat Open Platform account. */
  readonly unionid?: string
  readonly createdAt: string
  /** When the session ends unless it is used before. */
  readonly expiresAt: string
}

export interface PhoneNumber {
  /** With the country code for numbers outside mainland China. */
  readonly phoneNumber: string
  readonly purePhoneNumber: string
  readonly countryCode: string
}
