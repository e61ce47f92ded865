import { expect } from 'chai'
import { R3SessionError } from '#src/domain/errors.js'
import type { DomainEvent } from '#src/domain/events.js'
import { createLoginWithPhone } from '#src/domain/login-with-phone.js'
import type { PhoneNumber } from '#src/domain/ports.js'
import { failure } from '../../support/use-cases.js'

const number = { phoneNumber: '13800000000', purePhoneNumber: '13800000000', countryCode: '86' }
const login = { appid: 'wx', code: 'code' }
const loggedIn = { r3session: 'r3', expiresIn: 10 }

function setUp(answer: () => Promise<PhoneNumber> = async () => number) {
  const events: DomainEvent[] = []
  const asked: string[][] = []
  const loginWithPhone = createLoginWithPhone({
    login: async ({ code }) => {
      if (code !== 'code') throw new R3SessionError('code_invalid')
      return loggedIn
    },
    phoneNumber(...args) {
      asked.push(args)
      return answer()
    },
    report: (event) => void events.push(event),
  })
  return { loginWithPhone, asked, events }
}

describe('a login with the code of the phone button', () => {
  it('brings the number, asked for in the name of the new session', async () => {
    const { loginWithPhone, asked, events } = setUp()
    expect(await loginWithPhone({ ...login, phoneCode: 'phone' })).to.deep.equal({
      ...loggedIn,
      phone: number,
    })
    expect(asked).to.deep.equal([['r3', 'phone']])
    expect(events).to.deep.equal([])
  })

  it('asks for none where no code came', async () => {
    const { loginWithPhone, asked } = setUp()
    expect(await loginWithPhone(login)).to.deep.equal(loggedIn)
    expect(asked).to.deep.equal([])
  })

  it('asks for none where the login failed', async () => {
    const { loginWithPhone, asked, events } = setUp()
    const failed = loginWithPhone({ ...login, code: 'other', phoneCode: 'phone' })
    expect(await failure(failed)).to.equal('code_invalid')
    expect(asked).to.deep.equal([])
    expect(events).to.deep.equal([])
  })

  it('is a login also where the number can not be had, and says why, and to the log who asked', async () => {
    const error = new R3SessionError('wechat_busy')
    const { loginWithPhone, events } = setUp(() => Promise.reject(error))
    const by = { requestId: 'request' }
    expect(await loginWithPhone({ ...login, phoneCode: 'phone', by })).to.deep.equal({
      ...loggedIn,
      phone: { code: 'wechat_busy' },
    })
    await loginWithPhone({ ...login, phoneCode: 'phone' })
    expect(events).to.deep.equal([
      { type: 'phone_failed', appid: 'wx', error, by },
      { type: 'phone_failed', appid: 'wx', error },
    ])
  })

  it('is a login also where a defect of ours costs the number', async () => {
    const { loginWithPhone } = setUp(() => Promise.reject(new TypeError('a defect')))
    expect(await loginWithPhone({ ...login, phoneCode: 'phone' })).to.deep.include({
      phone: { code: 'internal' },
    })
  })

  it('costs no call for what can be no code of the phone button', async () => {
    const { loginWithPhone, asked } = setUp()
    for (const phoneCode of ['', ' ', 'x\n', ' x', 'x y', '微', 'x'.repeat(129)])
      expect(await loginWithPhone({ ...login, phoneCode })).to.deep.include({
        phone: { code: 'code_invalid' },
      })
    expect(asked).to.deep.equal([])
    for (const phoneCode of ['0', 'aZ_09.~:+/=-', 'x'.repeat(128)])
      expect(await loginWithPhone({ ...login, phoneCode })).to.deep.include({ phone: number })
  })
})
