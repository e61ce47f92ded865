import { createHmac } from 'node:crypto'

/**
 * `signature` of checkSessionKey and resetUserSessionKey, lower-case hex. The key is the base64 text itself, not the
 * 16 bytes it stands for: only so does the sample of WeChat's http-signature page come out.
 */
export function signMessage(message: string, sessionKey: string): string {
  return createHmac('sha256', sessionKey).update(message).digest('hex')
}
