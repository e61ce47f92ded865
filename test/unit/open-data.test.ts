import { expect } from 'chai'
import { readOpenData } from '#src/domain/open-data.js'

const NOW = 1_700_000_000_000
const HOUR = 3_600_000
const session = { appid: 'wx-app', openid: 'o-me', unionid: 'u-me' }
const stranger = { appid: 'wx-app', openid: 'o-me' }
const watermark = { appid: 'wx-app', timestamp: NOW / 1000 - 60 }

const read = (data: unknown, from: typeof stranger & { unionid?: string } = session, maxAge = HOUR) =>
  readOpenData(typeof data === 'string' ? data : JSON.stringify(data), from, maxAge, NOW)
const opens = (data: object, ...rest: [typeof stranger?, number?]) =>
  expect(read(data, ...rest)).to.deep.equal(JSON.parse(JSON.stringify(data)))
const refuses = (data: unknown, ...rest: [typeof stranger?, number?]) =>
  expect(read(data, ...rest)).to.equal(undefined)

const phone = { phoneNumber: '13800000000', purePhoneNumber: '13800000000', countryCode: '86', watermark }
const userInfo = { openId: 'o-me', nickName: '微信用户', gender: 0, city: '', unionId: 'u-me', watermark }

describe('what WeChat sealed', () => {
  it('comes back with every field, known or new', () => {
    opens(userInfo)
    opens(phone)
    opens({ openGId: 'g', watermark })
    opens({ opengid: 'g', chat_type: 3, watermark })
    opens({ stepInfoList: [{ timestamp: 1, step: 2 }], watermark })
    opens({ ...phone, newFutureField: { a: [1, { b: null }] }, watermark: { ...watermark, extra: 1 } })
  })

  it('counts only as a JSON object', () => {
    for (const text of ['', 'x', '[]', 'null', '1', '"text"', '{"a":1', `[${JSON.stringify(phone)}]`])
      refuses(text)
  })

  it('counts only with a watermark of this mini program', () => {
    refuses({ phoneNumber: '1' })
    for (const wrong of [null, 'wx-app', [], {}, { appid: 'wx-app' }, { timestamp: watermark.timestamp }]) {
      refuses({ ...phone, watermark: wrong })
    }
    refuses({ ...phone, watermark: { ...watermark, appid: 'wx-other' } })
    refuses({ ...phone, watermark: { ...watermark, appid: ['wx-app'] } })
  })

  it('counts only for as long as it is fresh', () => {
    const sealedAgo = (seconds: number) => ({
      ...phone,
      watermark: { ...watermark, timestamp: NOW / 1000 - seconds },
    })
    opens(sealedAgo(3600))
    refuses(sealedAgo(3601))
    opens(sealedAgo(-300))
    refuses(sealedAgo(-301))
    for (const timestamp of ['1700000000', 1.5, null, 1e300])
      refuses({ ...phone, watermark: { ...watermark, timestamp } })
  })

  it('may be of any age when the check is off, though never without a time', () => {
    opens({ ...phone, watermark: { ...watermark, timestamp: 1 } }, session, 0)
    refuses({ ...phone, watermark: { appid: 'wx-app' } }, session, 0)
  })

  it('names nobody but the user of the session', () => {
    refuses({ ...userInfo, openId: 'o-other' })
    refuses({ ...userInfo, openId: ['o-me'] })
    refuses({ ...userInfo, openId: null })
    refuses({ ...userInfo, unionId: 'u-other' })
  })

  it('may bring a unionId that the session does not know only beside its own openId', () => {
    opens(userInfo, stranger)
    refuses({ nickName: 'x', unionId: 'u-me', watermark }, stranger)
    refuses({ ...userInfo, openId: 'o-other' }, stranger)
    refuses({ ...userInfo, unionId: 7 }, stranger)
    opens({ nickName: 'x', unionId: 'u-me', watermark })
  })

  it('is of one kind: a phone number beside fields of user info was cut and pasted', () => {
    refuses({ ...phone, gender: 1 })
    refuses({ ...phone, openId: 'o-me' })
    refuses({ ...phone, openGId: 'g' })
    refuses({ ...userInfo, stepInfoList: [] })
    refuses({ countryCode: '86', avatarUrl: '', watermark })
    refuses({ rtepInfoList: [{ timestamp: 1, step: 2 }], watermark })
    refuses({ watermark })
  })

  it('has names that are names: the noise of a cut block is none', () => {
    refuses({ ...phone, 'ge\u0003\u00e9!untryCode': '86' })
    refuses({ nickName: 'x', 'a b': 1, watermark })
    refuses({ openGId: 'g', ['x'.repeat(33)]: 1, watermark })
  })

  it('is a phone number only whole: three fields of digits that say the same', () => {
    const { phoneNumber, ...rest } = phone
    refuses(rest)
    refuses({ phoneNumber, watermark })
    refuses({ xhoneNumber: phoneNumber, ...rest })
    refuses({ ...phone, phoneNumber: 'BXSqo5zlIb0X6' })
    refuses({ ...phone, phoneNumber: '13911112222' })
    refuses({ ...phone, countryCode: 86 })
    opens({ ...phone, phoneNumber: '+8613800000000' })
    opens({ phoneNumber: '85291234567', purePhoneNumber: '91234567', countryCode: '852', watermark })
  })

  it('is no tower of brackets made to overflow a stack', () => {
    const tower = `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)},"watermark":${JSON.stringify(watermark)}}`
    refuses(tower)
  })

  it('does not mistake fields of the prototype for its own', () => {
    refuses('{"__proto__":{"watermark":{}}}')
    opens(
      JSON.parse(
        `{"__proto__":{"openId":"o-other"},"nickName":"x","watermark":${JSON.stringify(watermark)}}`,
      ),
    )
  })
})
