/** `localStorage`, `sessionStorage`, or anything like them. */
export interface WebStorage {
  readonly length: number
  key(index: number): string | null
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

export interface WxOptions {
  readonly appid: string
  /** The sandbox's address: WeChat's side of `wx.login` and `wx.getUserInfo`. */
  readonly weixin: string
  /** Who holds the phone; default `demo`. */
  readonly user?: string
  /** Default: in memory. */
  readonly storage?: WebStorage
  /** Milliseconds since 1970; default `Date.now`. */
  readonly clock?: () => number
  /** Where requests to an origin really go, as a hosts file would have it: `{'https://api.example.com': 'http://localhost:3000'}`. */
  readonly hosts?: Readonly<Record<string, string>>
}

/** A row of the Storage panel. */
export interface StorageEntry {
  readonly key: string
  /** As the panel shows it: the stored text (ciphertext where it was encrypted). */
  readonly value: string
  /** `String`, `Number`, `Object`, ...; of encrypted entries too. */
  readonly type: string
  readonly encrypted: boolean
}

/** What the person at the phone, or in front of WeChat's devtools, does and sees. */
export interface Devtools {
  /** The Storage panel. Sizes in KB. */
  storage(): { entries: readonly StorageEntry[]; currentSize: number; limitSize: number }
  /** Runs a handler as if the user's finger had called it: `wx.getUserProfile` works only there. */
  tap<T>(handler: () => T): T
  /** Taps `<button open-type="getPhoneNumber">`: calls the handler with its event once WeChat has answered. */
  tapPhoneButton(handler: (event: PhoneEvent) => unknown, choice?: { allow?: boolean }): Promise<void>
}

/** The event of `<button open-type="getPhoneNumber">`. */
export interface PhoneEvent {
  readonly type: 'getphonenumber'
  readonly detail: {
    readonly errMsg: string
    readonly code?: string
    readonly encryptedData?: string
    readonly iv?: string
    readonly errno?: number
  }
}

export function createWx(_options: WxOptions): { readonly devtools: Devtools } {
  throw new Error('to be written')
}
