/** The ports of what is done with a session_key beside opening data; ports.ts has the rest. */

/** A key for what the mini program encrypts itself (`wx.getUserCryptoManager`), as getUserEncryptKey gives it. */
export interface EncryptKey {
  /** base64 text of 16 bytes. */
  readonly encryptKey: string
  /** To be used as it stands: it is no base64. */
  readonly iv: string
  /** `getLatestUserKey` tells the mini program the same number. */
  readonly version: number
  /** Seconds it still lives, 0 for one that has ended. */
  readonly expiresIn: number
  /** Milliseconds since 1970. */
  readonly createdAt: number
}

export interface WechatKeys {
  /** Whether WeChat still honours this key (checkSessionKey). Fails with `wechatErrors` and StaleAccessToken. */
  honoursKey(accessToken: string, openid: string, sessionKey: string): Promise<boolean>
  /**
   * A new session_key in place of this one, which is dead from then on (resetUserSessionKey); `undefined` when WeChat
   * no longer honours the old one. Fails with `wechatErrors` and StaleAccessToken.
   */
  resetKey(accessToken: string, openid: string, sessionKey: string): Promise<string | undefined>
  /**
   * The user's latest encryption keys as WeChat lists them, three at most (getUserEncryptKey); `undefined` when WeChat
   * no longer honours the session_key. Fails with `wechatErrors` and StaleAccessToken.
   */
  encryptKeys(
    accessToken: string,
    openid: string,
    sessionKey: string,
  ): Promise<readonly EncryptKey[] | undefined>
}

/**
 * WeChat's user-state signature: hex(HMAC-SHA256(session_key, data)) over the UTF-8 bytes of `data`. The key is its
 * base64 text as it stands, not the 16 bytes behind it.
 */
export type SignData = (data: string, sessionKey: string) => string
