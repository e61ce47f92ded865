import { expect } from 'chai'
import { readOpenData } from '#src/domain/open-data/open-data.js'

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
const groupId = 'tGmadeUp0000000000000000001'
const chat = {
  opengid: groupId,
  open_single_roomid: '',
  group_openid: 'gMadeUp00000000000000000001',
  chat_type: 3,
}
const activityId =
  '1151_madeUpActivityId0-letters_digits-and-dashes0123456789abcdefABCDEF_0123456789abc'.padEnd(85, 'x')
const userInfo = { openId: 'o-me', nickName: '微信用户', gender: 0, city: '', unionId: 'u-me', watermark }

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

  it('is a phone number only whole: three fields of digits that say the same', () => {
    const { phoneNumber, ...rest } = phone
    refuses(rest)
    refuses({ phoneNumber, watermark })
    refuses({ xhoneNumber: phoneNumber, ...rest })
    refuses({ ...phone, phoneNumber: 'BXSqo5zlIb0X6' })
    refuses({ ...phone, phoneNumber: '13911112222' })
    refuses({ ...phone, countryCode: -86 })
    refuses({ ...phone, countryCode: '' })
    opens({ ...phone, countryCode: 86 })
    opens({ ...phone, phoneNumber: '+8613800000000' })
    opens({ phoneNumber: '85291234567', purePhoneNumber: '91234567', countryCode: '852', watermark })
  })

  it('is a group or a chat without a watermark, and with ours, but not with that of another app', () => {
    const groups = [
      chat,
      { opengid: groupId },
      { opengid: 'GmadeUp00000000000000000002' },
      { open_single_roomid: 'rMadeUp00000000000000000001', chat_type: 1 },
      { ...chat, opengid: '', open_single_roomid: 'rMadeUp00000000000000000001' },
    ]
    for (const group of groups) {
      opens(group)
      opens({ ...group, watermark })
      refuses({ ...group, watermark: { ...watermark, appid: 'wx-other' } })
      refuses({ ...group, watermark: { ...watermark, timestamp: NOW / 1000 - 3601 } })
      for (const none of [null, {}, '', 0]) refuses({ ...group, watermark: none })
    }
  })

  it('is no group by an id that one forged block could hold, or that has not the form of one', () => {
    for (const opengid of [
      'tG',
      'G'.repeat(19),
      groupId.replace('tG', 'xG'),
      `${groupId}~`,
      `tG${'x'.repeat(28)}`,
      7,
      [groupId],
      null,
    ]) {
      refuses({ opengid })
      refuses({ opengid, watermark })
      refuses({ openGId: opengid, watermark })
    }
    for (const id of ['short', 'room 0000000000000000000001', 'x'.repeat(65), 7, null]) {
      refuses({ ...chat, group_openid: id })
      refuses({ ...chat, open_single_roomid: id })
    }
    for (const chat_type of ['3', -1, 1.5, null, { x: 1 }]) refuses({ ...chat, chat_type })
    refuses({ chat_type: 3 })
    refuses({ opengid: '', open_single_roomid: '', group_openid: '', chat_type: 3 })
    refuses({ opengid: '', chat_type: 3, watermark })
  })

  it('is no group beside any other field', () => {
    refuses({ ...chat, x: 1 })
    refuses({ ...chat, x: 1, watermark })
    refuses({ ...chat, openId: 'o-me' })
    refuses({ ...chat, ['__proto__x']: 1 })
  })

  it('needs its watermark where it is neither a group nor an activity', () => {
    for (const { watermark: _, ...bare } of [
      userInfo,
      { ...phone },
      { openGId: groupId, watermark },
      { msgTicket: 'x'.repeat(128), watermark },
      { stepInfoList: [{ timestamp: 1, step: 2 }], watermark },
      { dataList: [{ dataType: { type: 3 }, value: 0 }], watermark },
      { KVDataList: [{ key: '1', value: '2' }], watermark },
      { kv_list: [{ key: '1', value: '2' }], watermark },
    ]) {
      refuses(bare)
      refuses({ ...bare, watermark: { ...watermark, appid: 'wx-other' } })
      opens({ ...bare, watermark })
    }
  })

  it('is an activity only as the bare text of 85 characters in its own form', () => {
    expect(activityId).to.have.lengthOf(85)
    expect(read(activityId)).to.deep.equal({ activityId })
    for (const text of [
      activityId.slice(0, 84),
      `${activityId}x`,
      `${activityId.slice(0, 84)}\n`,
      `${activityId}\n`,
      ` ${activityId.slice(0, 84)}`,
      activityId.replace('1151_', 'x151_'),
      activityId.replace('1151_', '11511'),
      activityId.replace('1151_', '_1151'),
      activityId.replace('-', '~'),
      activityId.replace('-', '微'),
      JSON.stringify(activityId),
      'x'.repeat(85),
      '1'.repeat(85),
    ])
      refuses(text)
    refuses({ activityId })
    refuses({ activityId, watermark })
  })

  it('is a run only with a list of steps', () => {
    const run = (stepInfoList: unknown) => ({ stepInfoList, watermark })
    opens(
      run([
        { timestamp: 1_445_866_601, step: 0 },
        { timestamp: 1_445_953_001, step: 30_000 },
      ]),
    )
    for (const list of [null, 'x', 7, {}, { 0: { timestamp: 1, step: 2 } }, [7], [null], [[]], [{}]])
      refuses(run(list))
    for (const step of ['2', -1, 1.5, null, undefined, [2], 1e300]) {
      refuses(run([{ timestamp: 1, step }]))
      refuses(
        run([
          { timestamp: 1, step: 1 },
          { timestamp: step, step: 1 },
        ]),
      )
    }
  })

  it('is game data only with lists of what their names promise: a run under another name is none', () => {
    const steps = [{ timestamp: 1, step: 2 }]
    for (const name of ['dataList', 'KVDataList', 'kv_list']) {
      for (const list of [steps, 'x', {}, null, [null], [7], [[]], [{}]]) refuses({ [name]: list, watermark })
    }
    refuses({ dataList: [], watermark })
    refuses({ kv_list: [], atermark: 1, watermark })
    refuses({ KVDataList: [], kv_list: [], watermark })
    refuses({ stepInfoList: [{ key: '1', value: '2' }], watermark })
  })

  it('is a private message only with a ticket of visible characters, 20 and more', () => {
    for (const msgTicket of [
      'x'.repeat(19),
      `${'x'.repeat(20)} `,
      '微'.repeat(128),
      7,
      null,
      ['x'.repeat(128)],
    ])
      refuses({ msgTicket, watermark })
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
