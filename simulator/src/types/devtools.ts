/** A row of the Storage panel. */
export interface StorageEntry {
  readonly key: string
  /** The stored text, as the panel shows it; ciphertext if it is encrypted. */
  readonly value: string
  /** `String`, `Number`, `Object`, ...; also for encrypted entries. */
  readonly type: string
  readonly encrypted: boolean
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

/** What a person does and sees on the phone or in WeChat's devtools. */
export interface Devtools {
  /** The content of the Storage panel. Sizes in KB. */
  storage(): { entries: readonly StorageEntry[]; currentSize: number; limitSize: number }
  /** Runs a handler as for a tap by the user. `wx.getUserProfile` works only inside such a handler. */
  tap<T>(handler: () => T): T
  /**
   * Taps `<button open-type="getPhoneNumber">`: calls the handler with the event when WeChat has answered, and resolves
   * when the handler is done. Rejects with what the handler throws.
   */
  tapPhoneButton(handler: (event: PhoneEvent) => unknown, choice?: { allow?: boolean }): Promise<void>
  /** Sets whether the user allows the mini program to read their profile. Default: allowed. */
  allowUserInfo(allow: boolean): void
}
