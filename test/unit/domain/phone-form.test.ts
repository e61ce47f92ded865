import { expect } from 'chai'
import { readPhoneNumber } from '#src/adapters/wechat/answers.js'
import { readOpenData } from '#src/domain/open-data/open-data.js'
import { readPhone } from '#src/domain/open-data/phone-form.js'

const phone = { phoneNumber: '13800000000', purePhoneNumber: '13800000000', countryCode: '86' }

describe('a phone number in three fields', () => {
  it('is given as text, other fields left out', () => {
    expect(readPhone({ ...phone, watermark: {} })).to.deep.equal(phone)
  })

  it('counts as text where it comes as a number', () => {
    expect(readPhone({ ...phone, countryCode: 86 })).to.deep.equal(phone)
    expect(
      readPhone({ phoneNumber: 13800000000, purePhoneNumber: 13800000000, countryCode: 86 }),
    ).to.deep.equal(phone)
  })

  it('may come from abroad, in any usual way of writing', () => {
    for (const [phoneNumber, purePhoneNumber, countryCode] of [
      ['+85298765432', '98765432', '852'],
      ['85291234567', '91234567', '+852'],
      ['+852 9876-5432', '98765432', '852'],
      ['+1 (415) 555-0100', '(415) 555-0100', '1'],
      ['+447911123456', '07911123456', '44'],
      ['+1 684 7331234', '7331234', '1-684'],
    ]) {
      const abroad = { phoneNumber, purePhoneNumber, countryCode }
      expect(readPhone(abroad)).to.deep.equal(abroad)
    }
  })

  it('is none where a field is missing or no number, and says which', () => {
    for (const field of ['phoneNumber', 'purePhoneNumber', 'countryCode'] as const) {
      for (const wrong of [
        undefined,
        null,
        '',
        ' ',
        '+',
        '()',
        'x',
        '1\n3',
        '1x',
        '1'.repeat(50),
        -1,
        1.5,
        NaN,
        1e300,
        [1],
        {},
      ])
        expect(readPhone({ ...phone, [field]: wrong }), `${field} ${wrong}`).to.deep.equal({ wrong: field })
    }
  })

  it('is none where it does not say the same twice', () => {
    for (const phoneNumber of ['13911112222', '1380000000', '138000000001'])
      expect(readPhone({ ...phone, phoneNumber })).to.deep.equal({ wrong: 'purePhoneNumber' })
  })

  it('looks the same to both readers, that of sealed data and that of what getPhoneNumber answers', () => {
    const session = { appid: 'wx-app', openid: 'o-me' }
    const watermark = { appid: 'wx-app', timestamp: 1 }
    const texts = ['13800000000', '+86 138-0000-0000', '138', 13800000000, '', 'x', '13900000000', null, 1.5]
    const codes = ['86', '+86', 86, '', 'CN', null]
    let opened = 0
    for (const phoneNumber of texts) {
      for (const purePhoneNumber of texts) {
        for (const countryCode of codes) {
          const info = { phoneNumber, purePhoneNumber, countryCode, watermark }
          const sealed = readOpenData(JSON.stringify(info), session, 0, 0)
          const answer = answered(info)
          expect(sealed !== undefined, JSON.stringify(info)).to.equal(answer !== undefined)
          if (answer === undefined) continue
          opened++
          expect(answer).to.deep.equal({
            phoneNumber: String(phoneNumber),
            purePhoneNumber: String(purePhoneNumber),
            countryCode: String(countryCode),
          })
        }
      }
    }
    expect(opened).to.be.greaterThan(10)
  })
})

function answered(info: object) {
  try {
    return readPhoneNumber(Buffer.from(JSON.stringify({ errcode: 0, phone_info: info })))
  } catch {
    return undefined
  }
}
