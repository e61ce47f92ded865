import { callWithoutPromise } from '../calls/api.js'
import { WxFailure, wrongParameter } from '../calls/failure.js'
import type { LatestUserKey, WxCrypto } from '../types/wx-keys.js'
import type { Weixin } from './weixin.js'

/** WeChat docs, UserCryptoManager.getRandomValues. */
const MOST_RANDOM_BYTES = 1_048_576

/** What `crypto.getRandomValues` gives at once. */
const AT_ONCE = 65_536

/** `wx.getUserCryptoManager`. */
export function createCrypto(weixin: Weixin): WxCrypto {
  return {
    getUserCryptoManager: () => ({
      getLatestUserKey: (options) =>
        callWithoutPromise(
          'getLatestUserKey',
          options,
          async () => (await weixin.ask('user-key')) as LatestUserKey,
        ),

      getRandomValues: (options) =>
        callWithoutPromise('getRandomValues', options, ({ length }) => {
          if (typeof length !== 'number') throw wrongParameter('parameter.length', 'Number', length)
          if (!Number.isInteger(length) || length < 0 || length > MOST_RANDOM_BYTES)
            throw new WxFailure(`length must be a whole number up to ${MOST_RANDOM_BYTES}`)
          const bytes = new Uint8Array(length)
          for (let at = 0; at < length; at += AT_ONCE)
            crypto.getRandomValues(bytes.subarray(at, at + AT_ONCE))
          return { randomValues: bytes.buffer }
        }),
    }),
  }
}
