/** The shapes of the `wx` functions, named as in WeChat's own typings (`miniprogram-api-typings`) where those have names. */

/**
 * What every asynchronous function can be given. Without any of the three it returns a promise. They are methods, so
 * that a callback may be declared for more than it is promised, as those written for WeChat's typings are.
 */
export interface Callbacks<R> {
  success?(result: R): void
  fail?(failure: Failure): void
  /** Runs after either, with the same argument. */
  complete?(answer: R | Failure): void
}

/** A successful answer; `errMsg` is `<function>:ok`. */
export type Ok<R extends object = object> = R & { errMsg: string }

export interface Failure {
  /** `<function>:fail <reason>` */
  errMsg: string
  /** A number for the reason, from functions that give one. */
  errno?: number
}

/**
 * `undefined` for options with a callback, else a promise of what `success` would get; it rejects with a `Failure`. Written
 * in the very form of WeChat's typings, `any` included: only so does TypeScript take one for the other.
 */
// biome-ignore-start lint/suspicious/noExplicitAny: see above; no value is ever of that type
export type Promised<O, R> = O extends { success: any }
  ? undefined
  : O extends { fail: any }
    ? undefined
    : O extends { complete: any }
      ? undefined
      : Promise<R>
// biome-ignore-end lint/suspicious/noExplicitAny: see above

export interface SetStorageOption extends Callbacks<Ok> {
  key: string
  /** Anything; what it reads back as is told in docs/wx-simulator.md. */
  data: unknown
  /** Must be the same for `getStorage`. Takes 1.4 times the room. */
  encrypt?: boolean | undefined
}

export interface GetStorageOption<T> extends Callbacks<Ok<{ data: T }>> {
  key: string
  encrypt?: boolean | undefined
}

export interface RemoveStorageOption extends Callbacks<Ok> {
  key: string
}

export interface KeyValue {
  key: string
  value: unknown
}

export interface BatchSetStorageOption extends Callbacks<Ok> {
  kvList: KeyValue[]
}

export interface BatchGetStorageOption extends Callbacks<Ok<{ dataList: unknown[] }>> {
  keyList: string[]
}

/** Sizes in KB. */
export interface StorageInfo {
  keys: string[]
  currentSize: number
  limitSize: number
}

/** What lasts in the phone: up to 1 MB per key and 10 MB in all, for this user in this mini program alone. */
export interface WxStorage {
  setStorage<O extends SetStorageOption = SetStorageOption>(options: O): Promised<O, Ok>
  getStorage<T = unknown, O extends GetStorageOption<T> = GetStorageOption<T>>(
    options: O,
  ): Promised<O, Ok<{ data: T }>>
  removeStorage<O extends RemoveStorageOption = RemoveStorageOption>(options: O): Promised<O, Ok>
  clearStorage<O extends Callbacks<Ok> = Callbacks<Ok>>(options?: O): Promised<O, Ok>
  getStorageInfo<O extends Callbacks<Ok<StorageInfo>> = Callbacks<Ok<StorageInfo>>>(
    options?: O,
  ): Promised<O, Ok<StorageInfo>>
  batchSetStorage<O extends BatchSetStorageOption = BatchSetStorageOption>(options: O): Promised<O, Ok>
  batchGetStorage<O extends BatchGetStorageOption = BatchGetStorageOption>(
    options: O,
  ): Promised<O, Ok<{ dataList: unknown[] }>>

  /** Throws where `setStorage` fails. */
  setStorageSync(key: string, data?: unknown): void
  /** `''` for a key that holds nothing. */
  getStorageSync<T = unknown>(key: string): T
  removeStorageSync(key: string): void
  clearStorageSync(): void
  getStorageInfoSync(): StorageInfo
  /** Takes the list itself, unlike `batchSetStorage`. All of it is stored or nothing. */
  batchSetStorageSync(kvList: KeyValue[]): void
  /** In the order asked; `''` for a key that holds nothing. */
  batchGetStorageSync(keyList: string[]): unknown[]
}

export interface LoginOption extends Callbacks<Ok<{ code: string }>> {
  /** Milliseconds; default 60 000. */
  timeout?: number | undefined
}

export interface WxLogin {
  /** A code that lives for 5 minutes and can be exchanged once. */
  login<O extends LoginOption = LoginOption>(options?: O): Promised<O, Ok<{ code: string }>>
  /** Succeeds while WeChat has a live session_key for the user; that of your server may be another. */
  checkSession<O extends Callbacks<Ok> = Callbacks<Ok>>(options?: O): Promised<O, Ok>
}

/** Anonymous since 2021 and 2022: `微信用户` with a grey avatar. */
export interface UserInfo {
  nickName: string
  avatarUrl: string
  gender: number
  country: string
  province: string
  city: string
  language: string
  is_demote?: boolean
}

export interface UserInfoResult {
  userInfo: UserInfo
  /** The text that `userInfo` was parsed from, for `signature`. */
  rawData: string
  /** sha1 of `rawData` and session_key, hex. */
  signature: string
  /** Base64. It and `iv` are missing where `withCredentials` is false, though declared: so it is in WeChat's typings. */
  encryptedData: string
  iv: string
}

export interface GetUserInfoOption extends Callbacks<Ok<UserInfoResult>> {
  /** Default true, and then the user must have logged in. */
  withCredentials?: boolean | undefined
  /** Changes nothing: WeChat gives no language and no region any more. */
  lang?: 'en' | 'zh_CN' | 'zh_TW' | undefined
}

export interface GetUserProfileOption extends Callbacks<Ok<UserInfoResult>> {
  /** What the profile is wanted for, 1 to 30 characters. */
  desc: string
  lang?: 'en' | 'zh_CN' | 'zh_TW' | undefined
}

export interface WxUserInfo {
  /** What is sealed in it has the user's `openId`. */
  getUserInfo<O extends GetUserInfoOption = GetUserInfoOption>(options?: O): Promised<O, Ok<UserInfoResult>>
  /** Works only inside `devtools.tap`. What is sealed in it has no ids. */
  getUserProfile<O extends GetUserProfileOption = GetUserProfileOption>(
    options: O,
  ): Promised<O, Ok<UserInfoResult>>
}
