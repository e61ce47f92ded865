/**
 * The types of the `wx` functions, with the names of WeChat's own typings (`miniprogram-api-typings`) if they have one.
 */

/**
 * The callbacks of every asynchronous function. Without any of the three, the function returns a promise. They are
 * declared as methods, so that callbacks written for WeChat's wider types are accepted, too.
 */
export interface Callbacks<R> {
  success?(result: R): void
  fail?(failure: Failure): void
  /** Runs after `success` or `fail`, with the same argument. */
  complete?(answer: R | Failure): void
}

/** A successful answer; `errMsg` is `<function>:ok`. */
export type Ok<R extends object = object> = R & { errMsg: string }

export interface Failure {
  /** `<function>:fail <reason>` */
  errMsg: string
  /** A number for the reason; only some functions give one. */
  errno?: number
  /** Likewise, of `requestVirtualPayment`. */
  errCode?: number
}

/**
 * `undefined` for options with a callback; otherwise a promise of the argument of `success`, which rejects with a
 * `Failure`. It has exactly the form of WeChat's typings, with `any`: otherwise TypeScript would not accept one for the
 * other.
 */
// biome-ignore-start lint/suspicious/noExplicitAny: see above; no value has that type
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
  /** Any value. docs/wx-simulator.md tells which values change when they are stored. */
  data: unknown
  /** Must be the same for `getStorage`. Encrypted values count as 1.4 times their size. */
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

/** The phone's storage for one user in one mini program: up to 1 MB per key and 10 MB in total. */
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

  /** Throws if `setStorage` would fail. */
  setStorageSync(key: string, data?: unknown): void
  /** `''` for a key that does not exist. */
  getStorageSync<T = unknown>(key: string): T
  removeStorageSync(key: string): void
  clearStorageSync(): void
  getStorageInfoSync(): StorageInfo
  /** Takes the list itself, unlike `batchSetStorage`. Stores all of it or nothing. */
  batchSetStorageSync(kvList: KeyValue[]): void
  /** In the order of the keys; `''` for a key that does not exist. */
  batchGetStorageSync(keyList: string[]): unknown[]
}

export interface LoginOption extends Callbacks<Ok<{ code: string }>> {
  /** Milliseconds; default 60 000. */
  timeout?: number | undefined
}

export interface WxLogin {
  /** Gives a code that is valid for 5 minutes and can be exchanged once. */
  login<O extends LoginOption = LoginOption>(options?: O): Promised<O, Ok<{ code: string }>>
  /** Succeeds while WeChat has a valid session_key for the user. Your server may have a different one. */
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
  /** The JSON text of `userInfo`, which `signature` is made of. */
  rawData: string
  /** The sha1 of `rawData` and session_key, in hex. */
  signature: string
  /** Base64. It and `iv` are missing if `withCredentials` is false, although WeChat's typings declare them always. */
  encryptedData: string
  iv: string
}

export interface GetUserInfoOption extends Callbacks<Ok<UserInfoResult>> {
  /** Default true; then the user must have logged in before. */
  withCredentials?: boolean | undefined
  /** Has no effect: WeChat no longer gives language and region. */
  lang?: 'en' | 'zh_CN' | 'zh_TW' | undefined
}

export interface GetUserProfileOption extends Callbacks<Ok<UserInfoResult>> {
  /** Why the mini program wants the profile, in 1 to 30 characters. */
  desc: string
  lang?: 'en' | 'zh_CN' | 'zh_TW' | undefined
}

export interface WxUserInfo {
  /** Its encrypted data contains the user's `openId`. */
  getUserInfo<O extends GetUserInfoOption = GetUserInfoOption>(options?: O): Promised<O, Ok<UserInfoResult>>
  /** Works only inside `devtools.tap`. Its encrypted data contains no ids. */
  getUserProfile<O extends GetUserProfileOption = GetUserProfileOption>(
    options: O,
  ): Promised<O, Ok<UserInfoResult>>
}
