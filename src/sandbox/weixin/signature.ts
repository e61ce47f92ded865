import { createHmac } from 'node:crypto'

/**
 * `signature` of checkSessionKey and resetUserSessionKey, lower-case hex. The key is the base64 text itself, not the
 * 16 bytes it stands for: the sample on WeChat's http-signature page shows it.
 */
export function signMessage(message: string, sessionKey: string): string {
  return createHmac('sha256', sessionKey).update(message).digest('hex')
}
