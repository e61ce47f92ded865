import { createCipheriv, createHash, createHmac } from 'node:crypto'

/** Sealed data as `wx.getUserInfo` and its kin return it; both base64. */
export interface Sealed {
  readonly encryptedData: string
  readonly iv: string
}

/**
 * Seals a text the way WeChat does: AES-128-CBC, PKCS#7, no MAC.
 *
 * @param sessionKey base64 text of 16 bytes
 * @param iv 16 bytes
 */
export function seal(plaintext: string, sessionKey: string, iv: Buffer): Sealed {
  const cipher = createCipheriv('aes-128-cbc', Buffer.from(sessionKey, 'base64'), iv)
  const encryptedData = cipher.update(plaintext, 'utf8', 'base64') + cipher.final('base64')
  return { encryptedData, iv: iv.toString('base64') }
}

/** `signature` beside `rawData`: sha1 over the text and the base64 text of the key, lower-case hex. */
export function signRawData(rawData: string, sessionKey: string): string {
  return createHash('sha1')
    .update(rawData + sessionKey)
    .digest('hex')
}

/**
 * `signature` of checkSessionKey and resetUserSessionKey, lower-case hex. The key is the base64 text itself, not the
 * 16 bytes it stands for: only so does the sample of WeChat's http-signature page come out.
 */
export function signMessage(message: string, sessionKey: string): string {
  return createHmac('sha256', sessionKey).update(message).digest('hex')
}
