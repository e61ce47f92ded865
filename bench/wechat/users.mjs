/** Who a login code belongs to: the stub answers it, the runner expects it. Needs no memory on either side. */
import { createCipheriv, createHash, randomBytes } from 'node:crypto'

export const appid = 'wx00000000000be9c4'
export const secret = 'bench0000000000000000000000000000'

const md5 = (text, encoding) => createHash('md5').update(text).digest(encoding)

export const openidOf = (code) => `oBench${md5(code, 'base64url')}`

/** Codes that differ only behind a `~` have one key, so that data can be sealed before its code is made up. */
export const sessionKeyOf = (code) => md5(`key of ${code.split('~')[0]}`, 'base64')

/** What `wx.getUserInfo` would give the user of this code, sealed now. */
export function sealFor(code) {
  const now = Math.floor(Date.now() / 1000)
  const data = {
    openId: openidOf(code),
    nickName: '微信用户',
    gender: 0,
    language: '',
    city: '',
    province: '',
    country: '',
    avatarUrl:
      'https://thirdwx.qlogo.cn/mmopen/vi_32/POgEwh4mIHO4nibH0KlMECNjjGxQUq24ZEaGT4poC6icRiccVGKSyXwibcPq4BWmiaIGuG1icwxaQX6grC9VemZoJ8rg/132',
    watermark: { timestamp: now, appid },
  }
  const iv = randomBytes(16)
  const cipher = createCipheriv('aes-128-cbc', Buffer.from(sessionKeyOf(code), 'base64'), iv)
  const sealed = Buffer.concat([cipher.update(JSON.stringify(data)), cipher.final()])
  return { encryptedData: sealed.toString('base64'), iv: iv.toString('base64') }
}
