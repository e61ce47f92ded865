import { createCipheriv, createHash } from 'node:crypto'

/** Sealed data as `wx.getUserInfo` and others return it; both base64. */
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
