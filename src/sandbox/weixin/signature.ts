import { createHmac } from 'node:crypto'

/**
 * The user-state signature: `signature` of checkSessionKey and its kin over nothing, of virtual payment over the text
 * that is sent; lower-case hex. The key is the base64 text itself, not the 16 bytes it stands for: the sample on WeChat's
 * http-signature page shows it.
 */
export function signMessage(message: string, sessionKey: string): string {
  return createHmac('sha256', sessionKey).update(message).digest('hex')
}

export function isSignature(signature: string, message: string, sessionKey: string): boolean {
  return signature === signMessage(message, sessionKey)
}

/** The payment signature (WeChat docs, virtual payment), made with the AppKey of the environment that is paid in. */
export function isPaySig(paySig: string, uri: string, text: string, appKey: string): boolean {
  return paySig === createHmac('sha256', appKey).update(`${uri}&${text}`).digest('hex')
}
