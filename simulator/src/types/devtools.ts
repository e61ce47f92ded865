/** A row of the Storage panel. */
export interface StorageEntry {
  readonly key: string
  /** As the panel shows it: the stored text (ciphertext where it was encrypted). */
  readonly value: string
  /** `String`, `Number`, `Object`, ...; of encrypted entries too. */
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

/** What the person at the phone, or in front of WeChat's devtools, does and sees. */
export interface Devtools {
  /** The Storage panel. Sizes in KB. */
  storage(): { entries: readonly StorageEntry[]; currentSize: number; limitSize: number }
  /** Runs a handler as if the user's finger had called it: `wx.getUserProfile` works only there. */
  tap<T>(handler: () => T): T
  /**
   * Taps `<button open-type="getPhoneNumber">`: calls the handler with its event once WeChat has answered, and resolves
   * when the handler is done. Rejects with what the handler throws.
   */
  tapPhoneButton(handler: (event: PhoneEvent) => unknown, choice?: { allow?: boolean }): Promise<void>
  /** Whether the user lets the mini program have their profile; they do unless told otherwise. */
  allowUserInfo(allow: boolean): void
}
