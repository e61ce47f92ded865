import { expect } from 'chai'
import { readOpenData } from '#src/domain/open-data/open-data.js'

export const NOW = 1_700_000_000_000
export const HOUR = 3_600_000
export const session = { appid: 'wx-app', openid: 'o-me', unionid: 'u-me' }
export const stranger = { appid: 'wx-app', openid: 'o-me' }
export const watermark = { appid: 'wx-app', timestamp: NOW / 1000 - 60 }

export const read = (data: unknown, from: typeof stranger & { unionid?: string } = session, maxAge = HOUR) =>
  readOpenData(typeof data === 'string' ? data : JSON.stringify(data), from, maxAge, NOW)
export const opens = (data: object, ...rest: [typeof stranger?, number?]) =>
  expect(read(data, ...rest)).to.deep.equal(JSON.parse(JSON.stringify(data)))
export const refuses = (data: unknown, ...rest: [typeof stranger?, number?]) =>
  expect(read(data, ...rest)).to.equal(undefined)

export const phone = {
  phoneNumber: '13800000000',
  purePhoneNumber: '13800000000',
  countryCode: '86',
  watermark,
}
export const groupId = 'tGmadeUp0000000000000000001'
export const chat = {
  opengid: groupId,
  open_single_roomid: '',
  group_openid: 'gMadeUp00000000000000000001',
  chat_type: 3,
}
export const activityId =
  '1151_madeUpActivityId0-letters_digits-and-dashes0123456789abcdefABCDEF_0123456789abc'.padEnd(85, 'x')
export const userInfo = {
  openId: 'o-me',
  nickName: '微信用户',
  gender: 0,
  city: '',
  unionId: 'u-me',
  watermark,
}
