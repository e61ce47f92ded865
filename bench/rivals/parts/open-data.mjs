/** Opens what WeChat sealed, the way its own sample does: AES-128-CBC, then the watermark's appid. */
import { createDecipheriv } from 'node:crypto'

/** The data, or `undefined` where it does not open. */
export function openData({ encryptedData, iv }, sessionKey, appid) {
  try {
    const decipher = createDecipheriv(
      'aes-128-cbc',
      Buffer.from(sessionKey, 'base64'),
      Buffer.from(iv, 'base64'),
    )
    const data = JSON.parse(decipher.update(encryptedData, 'base64', 'utf8') + decipher.final('utf8'))
    return data.watermark?.appid === appid ? data : undefined
  } catch {
    return
  }
}
