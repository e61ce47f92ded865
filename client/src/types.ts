import type { Answer } from './network/answer.js'
import type { R3SessionError } from './network/error.js'
import type { Container } from './network/http.js'
import type { SendingFile, SendingRequest, SendingSocket } from './network/sending.js'
import type { SocketTask } from './network/socket.js'
import type { Time } from './network/time.js'
import type { Wx } from './network/wx.js'
import type { SealedData } from './session/decrypt.js'
import type { PhoneFailure, PhoneNumber } from './session/login.js'

/** What `createClient` takes. */
export interface ClientOptions {
  /**
   * The address of r3session, such as `https://login.example.com`. It may have a path, but no query. Not needed with
   * `container`, unless for files and sockets.
   */
  readonly baseUrl?: string
  /** The mini program's global `wx`, or an object that behaves like it. */
  readonly wx: Wx
  /** The appid of this mini program. Needed only if the service has several. */
  readonly appid?: string
  /** The key in the phone's storage; default `r3session`. Clients with the same key share a session. */
  readonly storageKey?: string
  /**
   * For r3session in WeChat Cloud Run: its own calls and `request` with a relative url go through
   * `wx.cloud.callContainer`. Call `wx.cloud.init()` before.
   */
  readonly container?: Container
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
   *
   * `phoneCode` is `event.detail.code` of `<button open-type="getPhoneNumber">`: the number comes with the login, in one
   * call where a login is needed. Failing to get it never fails the login: then `phone` is `{code, action}`.
   */
  login(): Promise<{ expiresIn: number }>
  login(options: {
    readonly phoneCode?: string | undefined
  }): Promise<{ expiresIn: number; phone?: PhoneNumber | PhoneFailure | undefined }>

  /**
   * Waits until there is a session, stored or new, and never asks for one. It does not reject: a login that fails is
   * told to those who asked for it.
   */
  ready(): Promise<void>

  /**
   * Calls the listener with `true` for each session that begins or is found in the storage, and with `false` when one
   * has ended without a new one. Returns a function that ends this.
   */
  onChange(listener: (loggedIn: boolean) => void): () => void

  /**
   * `{ Authorization: 'Bearer …' }` of a session that is valid, for requests that you don't send with the client. Logs
   * in if needed. If a server answers them with 401, call `session()` and take it anew.
   */
  authHeader(): Promise<{ Authorization: string }>

  /**
   * A handler that logs in before it runs, for `onLoad` of a page that needs a login. When the login fails, `failed` is
   * called in its place; without `failed`, what the handler returned rejects. `this` and the arguments are passed on.
   */
  guard<This, Given extends unknown[], Result>(
    handler: (this: This, ...given: Given) => Result,
    failed?: (this: This, error: R3SessionError) => unknown,
  ): (this: This, ...given: Given) => Promise<Awaited<Result> | undefined>

  /**
   * `wx.request` with the session's token, as a promise. Logs in first when there is no token; logs in and repeats the
   * request once when the answer is 401; waits and repeats it, at most twice, when the answer is 429 or 503 with a
   * `Retry-After` of up to 5 seconds. A request that got no answer is not repeated: only you know whether that is safe.
   *
   * Resolves for a status of 2xx and rejects for all others. `T` is the type that you expect; it is not checked. The
   * token is sent to the server in `url`, so use absolute urls only for your own servers. The promise has `abort()` and
   * the functions of WeChat's task.
   */
  request<T = unknown>(options: RequestOptions): SendingRequest<Answer<T>>

  /** `wx.uploadFile` in the same way as `request`. As there, `data` is text. */
  uploadFile(options: UploadOptions): SendingFile<Answer<string>>

  /** `wx.downloadFile` in the same way as `request`. */
  downloadFile(options: DownloadOptions): SendingFile<Downloaded>

  /**
   * `wx.connectSocket` with the session's token in its header. Resolves to WeChat's SocketTask when the socket is open.
   * If it does not open, asks the service whether the session has ended; if so, logs in and tries once more.
   * A relative url goes to `baseUrl`, by `wss` or `ws`. `Task` may be the type of your typings.
   */
  connectSocket<Task extends object = SocketTask>(options: SocketOptions): SendingSocket<Task>

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

/** The options of `wx.uploadFile` without callbacks. Options that are not named here are passed on as well. */
export interface UploadOptions {
  readonly url: string
  /** The file on the phone. */
  readonly filePath: string
  /** Of the file in the form. */
  readonly name: string
  /** Further fields of the form. */
  readonly formData?: Readonly<Record<string, unknown>>
  readonly header?: Readonly<Record<string, string>>
  readonly timeout?: number
  readonly enableHttp2?: boolean
  readonly enableProfile?: boolean
  readonly enableQuic?: boolean
}

/** The options of `wx.downloadFile` without callbacks. Options that are not named here are passed on as well. */
export interface DownloadOptions {
  readonly url: string
  /** Where to save the file; default: a temporary file. */
  readonly filePath?: string
  readonly header?: Readonly<Record<string, string>>
  readonly timeout?: number
  readonly enableHttp2?: boolean
  readonly enableProfile?: boolean
  readonly enableQuic?: boolean
}

/** What `wx.downloadFile` gives. */
export interface Downloaded {
  readonly statusCode: number
  /** Without `filePath` in the options. */
  readonly tempFilePath?: string
  /** With `filePath` in the options. */
  readonly filePath?: string
}

/** The options of `wx.connectSocket` without callbacks. Options that are not named here are passed on as well. */
export interface SocketOptions {
  readonly url: string
  readonly header?: Readonly<Record<string, string>>
  readonly protocols?: readonly string[]
  /** Milliseconds; default 15 000. */
  readonly timeout?: number
  readonly tcpNoDelay?: boolean
  readonly perMessageDeflate?: boolean
  readonly forceCellularNetwork?: boolean
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
