import { expect } from 'chai'
import {
  activityId,
  chat,
  groupId,
  NOW,
  opens,
  phone,
  read,
  refuses,
  userInfo,
  watermark,
} from '../../support/open-data.js'

describe('what WeChat sealed', () => {
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
    const shorter = activityId.replace('1151_', '115_')
    expect(read(shorter)).to.deep.equal({ activityId: shorter })
    for (const text of [
      activityId.slice(0, 83),
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
    for (const item of [{ dataType: { type: 1 } }, { value: 1 }, { dataType: 1, value: 1 }])
      refuses({ dataList: [item], watermark })
    for (const item of [{ key: '1' }, { value: '1' }, { key: 1, value: '1' }]) {
      refuses({ KVDataList: [item], watermark })
      refuses({ kv_list: [item], watermark })
    }
    const stored = [{ key: '1', value: '2' }]
    opens({ KVDataList: stored, kv_list: stored, newField: 1, watermark })
    refuses({ KVDataList: stored, kv_list: [], watermark })
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
    const nested = (depth: number) => JSON.parse(`${'['.repeat(depth)}1${']'.repeat(depth)}`)
    opens({ ...phone, newField: nested(31) })
    refuses({ ...phone, newField: nested(32) })
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
