import {
  groupId,
  NOW,
  opens,
  phone,
  refuses,
  session,
  stranger,
  userInfo,
  watermark,
} from '../../support/open-data.js'

describe('what WeChat sealed', () => {
  it('comes back with every field, known or new', () => {
    opens(userInfo)
    opens(phone)
    opens({ openGId: groupId, watermark })
    opens({ msgTicket: 'cUmadeUp_ticket-of-128-letters~', watermark })
    opens({ dataList: [{ dataType: { type: 3 }, value: 0 }], watermark })
    opens({
      dataList: [{ dataType: { type: 1, subKey: 'k' }, value: 7, more: null }],
      newField: [],
      watermark,
    })
    opens({ KVDataList: [{ key: 'score', value: '{"wxgame":{"score":1}}' }], watermark })
    opens({ kv_list: [{ key: '1', value: '2' }], watermark })
    opens({ kv_list: [], watermark })
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
    refuses({ ...phone, openGId: groupId })
    refuses({ openGId: groupId, opengid: groupId, watermark })
    refuses({ dataList: [{ dataType: { type: 3 }, value: 0 }], stepInfoList: [], watermark })
    refuses({ msgTicket: 'x'.repeat(128), nickName: 'x', watermark })
    refuses({ ...userInfo, stepInfoList: [] })
    refuses({ countryCode: '86', avatarUrl: '', watermark })
    refuses({ rtepInfoList: [{ timestamp: 1, step: 2 }], watermark })
    refuses({ watermark })
  })

  it('has names that are names: the noise of a cut block is none', () => {
    refuses({ ...phone, 'ge\u0003\u00e9!untryCode': '86' })
    refuses({ nickName: 'x', 'a b': 1, watermark })
    refuses({ openGId: groupId, ['x'.repeat(33)]: 1, watermark })
  })
})
