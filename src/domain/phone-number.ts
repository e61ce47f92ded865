import type { AccessTokens } from './access-token.js'
import type { Authenticate } from './authenticate.js'
import { explained } from './errors.js'
import type { Clock, PhoneNumber, Sealer, WechatGateway } from './ports.js'
import { createShortMemory } from './short-memory.js'

/** As long as a phone code lives at WeChat, in milliseconds. */
const REMEMBERED_FOR = 5 * 60_000

/** Numbers remembered at once; the oldest go first. */
const REMEMBERED = 10_000

/**
 * The phone number behind a code of the phone button, for the user of a session.
 *
 * Each number costs money and each code works once, so a repeat of the same code by the same session within 5 minutes
 * gets the first answer, also while that is still under way. Numbers are held sealed, so that a memory dump has none.
 *
 * Fails with `invalid_session`, `code_invalid` and what WechatGateway.phoneNumber fails with.
 */
export function createPhoneNumber(deps: {
  authenticate: Authenticate
  wechat: Pick<WechatGateway, 'phoneNumber'>
  accessTokens: Pick<AccessTokens, 'use'>
  sealer: Sealer
  clock: Clock
}) {
  const sealedNumbers = createShortMemory<string>({
    life: REMEMBERED_FOR,
    atMost: REMEMBERED,
    clock: deps.clock,
  })
  const underWay = new Map<string, Promise<PhoneNumber>>()

  function recall(place: string): PhoneNumber | undefined {
    const sealed = sealedNumbers.recall(place)
    const text = sealed === undefined ? undefined : deps.sealer.open(sealed, place)
    return text === undefined ? undefined : JSON.parse(text)
  }

  return async (token: string, code: string): Promise<PhoneNumber> => {
    const { appid, openid, id } = await deps.authenticate(token)
    const place = JSON.stringify(['phone', id, code])
    const known = recall(place) ?? underWay.get(place)
    if (known !== undefined) return known

    const asked = deps.accessTokens
      .use(appid, (accessToken) => deps.wechat.phoneNumber(accessToken, code, openid))
      .then((number) => {
        sealedNumbers.remember(place, deps.sealer.seal(JSON.stringify(number), place))
        return number
      })
      .catch((error: unknown) => {
        throw explained(error, 'code_invalid', wrongCode)
      })
      .finally(() => underWay.delete(place))
    underWay.set(place, asked)
    return asked
  }
}

export type GetPhoneNumber = ReturnType<typeof createPhoneNumber>

const wrongCode = {
  en: "Send the code of the phone button's event, once and within 5 minutes, for its own user. A code of wx.login does not work here.",
  zh: '请发送手机号按钮事件中的 code（5 分钟内、仅限一次、须为本人）；wx.login 的 code 在此无效。',
}
