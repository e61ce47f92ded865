import { createCipheriv } from 'node:crypto'

export interface Genuine {
  readonly name: string
  readonly text: string
  readonly data: Buffer
  readonly iv: Buffer
}

/** Gives numbers from 0 up to (not including) `below`. */
export type Dice = (below: number) => number

export const sessionKey = Buffer.from('0123456789abcdef').toString('base64')
export const session = {
  appid: 'wx0000000000000001',
  openid: 'oSYNTHETIC_00000000000000001',
  unionid: 'uSYNTHETIC_00000000000000001',
}
export const NOW = 1_700_000_000_000

/** The same numbers for the same seed (mulberry32). */
export function createDice(seed: number): Dice {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** Genuine ciphertexts of every kind, of one user under one key, in both orders that WeChat writes a watermark in. */
export function genuineOnes(dice: Dice): Genuine[] {
  const mark = { watermark: { timestamp: NOW / 1000 - 60, appid: session.appid } }
  const steps = Array.from({ length: 31 }, (_, day) => ({
    timestamp: 1_697_299_200 + day * 86_400,
    step: dice(20_000),
  }))
  const id = (start: string, length: number) => {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    return start + Array.from({ length: length - start.length }, () => letters[dice(64)]).join('')
  }
  const profile = { nickName: '微信用户', gender: 0, language: '', city: '', province: '', country: '' }
  const avatar = { avatarUrl: `https://thirdwx.qlogo.cn/mmopen/vi_32/${id('', 90)}/132`, is_demote: true }
  const written = 'aaaaaaaaaaaaaaaa13800000000'
  const marked: [string, object][] = [
    ['user', { openId: session.openid, ...profile, ...avatar, unionId: session.unionid }],
    ['user with a chosen name', { openId: session.openid, ...profile, nickName: written, ...avatar }],
    ['profile', { ...profile, ...avatar }],
    ['phone', { phoneNumber: '13580006666', purePhoneNumber: '13580006666', countryCode: '86' }],
    ['phone abroad', { phoneNumber: '+85298765432', purePhoneNumber: '98765432', countryCode: 852 }],
    ['share', { openGId: id('tG', 29) }],
    ['share of old', { openGId: id('G', 28) }],
    ['private message', { msgTicket: `${id('c', 127)}~` }],
    ['run', { stepInfoList: steps }],
    ['club', { dataList: [1, 3, 5].map((type) => ({ dataType: { type }, value: dice(100) })) }],
    ['interactive', { KVDataList: [{ key: 'score', value: written }] }],
    ['interactive, other name', { kv_list: [{ key: '1', value: written }] }],
  ]
  const bare: [string, string][] = [
    ['group', JSON.stringify({ opengid: id('tG', 29) })],
    [
      'chat tool',
      JSON.stringify({
        opengid: id('tG', 29),
        open_single_roomid: '',
        group_openid: id('g', 28),
        chat_type: 3,
      }),
    ],
    [
      'single chat',
      JSON.stringify({
        opengid: '',
        open_single_roomid: id('r', 32),
        group_openid: id('g', 28),
        chat_type: 1,
      }),
    ],
    ['activity', id('1151_', 85)],
  ]
  const texts = [
    ...marked.map(([name, fields]) => [name, JSON.stringify({ ...fields, ...mark })] as const),
    ...marked.map(
      ([name, fields]) => [`${name}, watermark first`, JSON.stringify({ ...mark, ...fields })] as const,
    ),
    ...bare,
  ]
  return texts.map(([name, text]) => {
    const iv = Buffer.from(Array.from({ length: 16 }, () => dice(256)))
    const cipher = createCipheriv('aes-128-cbc', Buffer.from(sessionKey, 'base64'), iv)
    return { name, text, iv, data: Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]) }
  })
}
