import type { Account } from '../state/account.js'
import { watermarkOf } from '../state/phone-info.js'
import type { WeixinState } from '../state/weixin-state.js'
import { type Sealed, seal } from './seal.js'

/** Seals for a user with their live session_key. A user who never logged in gets a key first, as from a login. */
export function createSealing({ environment, keys }: WeixinState) {
  const sealText = (account: Account, text: string): Sealed =>
    seal(text, keys.get(account), environment.randomBytes(16))

  return {
    /** Seals a text as it stands. */
    sealText,

    /** Seals an object with a watermark, unless it brings its own, or `null` for none. */
    sealData(account: Account, data: object): Sealed {
      if (!Object.hasOwn(data, 'watermark')) {
        const watermark = watermarkOf(account, environment.clock())
        return sealText(account, JSON.stringify({ ...data, watermark }))
      }
      const { watermark, ...rest } = data as { watermark?: unknown }
      return sealText(account, JSON.stringify(watermark === null ? rest : data))
    },
  }
}
