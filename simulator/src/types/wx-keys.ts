/** The `wx` functions that work with the user's keys: virtual payment, and encryption by the mini program. */
import type { Callbacks, Ok } from './wx.js'

export interface RequestVirtualPaymentOption extends Callbacks<Ok> {
  mode: 'short_series_goods' | 'short_series_coin'
  /** The text of the order, as both signatures were made of it. WeChat's typings have an object; a phone takes a text. */
  signData: string | object
  paySig: string
  signature: string
}

export interface WxPayment {
  /** Gives no promise. Failures have WeChat's `errCode`. */
  requestVirtualPayment(options: RequestVirtualPaymentOption): void
}

export interface LatestUserKey {
  /** base64 of 16 bytes. */
  encryptKey: string
  /** 16 characters to be used as they are; no base64. */
  iv: string
  version: number
  /** Seconds since 1970. */
  expireTime: number
}

export interface GetRandomValuesOption extends Callbacks<Ok<{ randomValues: ArrayBuffer }>> {
  /** Bytes, 1,048,576 at most. */
  length: number
}

/** Both give no promise. */
export interface UserCryptoManager {
  /** The key that your server gets from WeChat for the same user and `version`. */
  getLatestUserKey(options?: Callbacks<Ok<LatestUserKey>>): void
  getRandomValues(options: GetRandomValuesOption): void
}

export interface WxCrypto {
  getUserCryptoManager(): UserCryptoManager
}
