import type { Theme } from './device.js'
import type { ModalUser, Navigation, Screen } from './screen.js'

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
  /**
   * Sets what the user answers when they are asked for a scope such as `scope.werun`, or changes the answer that they
   * have given. Default: allowed.
   */
  allow(scope: string, allow: boolean): void
  /** What is on the screen: toast, dialog, and the stack of pages. */
  screen(): Screen
  /** Every call that went to another page, in order. */
  navigations(): readonly Navigation[]
  /** Sets what the user does with the dialogs of `wx.showModal`. Default: they confirm at once. */
  answerModals(user: ModalUser): void
  /** The user changes the theme of WeChat. */
  setTheme(theme: Theme): void
  /** Puts a file on the phone, such as a picture that the user has chosen, and gives its temporary path. */
  addFile(content: string | Uint8Array, name?: string): string
  /** The content of a file; `undefined` if there is none. */
  readFile(path: string): Uint8Array | undefined
  /** The mini program was opened from a card in a group chat, or was not. */
  openFromGroup(isInGroup: boolean): void
  /** Sets whether the user pays when they are asked to, or closes the window. Default: they pay. */
  allowPayment(allow: boolean): void
}
