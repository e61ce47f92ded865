import type { Client } from '@r3session/client'
import { expect } from 'chai'
import { createFakePhone, type FakePhone, problem, token } from '../support/page/fake-phone.js'
import { refusal } from '../support/refusal.js'

const LOGIN = 'POST /v1/login'
const NUMBER = 'POST /v1/phone-number'
const phoneNumber = { phoneNumber: '+8613800000000', purePhoneNumber: '13800000000', countryCode: '86' }

describe('client.login() with the phone button’s code', () => {
  let phone: FakePhone
  let client: Client
  beforeEach(() => {
    phone = createFakePhone()
    client = phone.client()
  })
  const settle = <T>(promise: Promise<T>) => phone.time.settle(promise)
  const loggedIn = (n: number, more: object) => ({
    statusCode: 201,
    data: { r3session: token(n), expiresIn: 259_200, ...more },
  })

  it('client.login() sends the code along and gives the number, in one call', async () => {
    phone.script(LOGIN, loggedIn(1, { phone: phoneNumber }))
    const { expiresIn, phone: number } = await settle(client.login({ phoneCode: 'phone-code' }))
    expect([expiresIn, number]).to.deep.equal([259_200, phoneNumber])
    expect(phone.sent.map(({ data }) => data)).to.deep.equal([{ code: 'code-1', phoneCode: 'phone-code' }])
  })

  it('client.login() gives why there is no number, which does not cost the login', async () => {
    phone.script(LOGIN, loggedIn(1, { phone: { code: 'code_used', action: 'relogin' } }))
    const { phone: failure } = await settle(client.login({ phoneCode: 'phone-code' }))
    expect(failure).to.deep.equal({ code: 'code_used', action: 'relogin' })
    expect(phone.paths()).to.deep.equal([LOGIN])
    expect(phone.storage.get('r3session')?.data).to.equal(token(1))
  })

  it('client.login() exchanges the code alone when there is a session', async () => {
    await settle(client.login())
    const { phone: number } = await settle(client.login({ phoneCode: 'phone-code' }))
    expect(number).to.deep.equal(phoneNumber)
    phone.script(NUMBER, problem(400, 'code_used', 'relogin'))
    expect(await settle(client.login({ phoneCode: 'phone-code' }))).to.have.deep.property('phone', {
      code: 'code_used',
      action: 'relogin',
    })
    expect(phone.paths()).to.deep.equal([LOGIN, NUMBER, NUMBER])
  })

  it('client.login() exchanges the code alone when it joined a login without one', async () => {
    const both = Promise.all([client.login(), client.login({ phoneCode: 'phone-code' })])
    const [without, withNumber] = await settle(both)
    expect(without).to.deep.equal({ expiresIn: 259_200 })
    expect(withNumber.phone).to.deep.equal(phoneNumber)
    expect(phone.logins).to.have.length(1)
    expect(phone.paths()).to.deep.equal([LOGIN, NUMBER])
  })

  it('a service that does not know the code yet costs one more call', async () => {
    const { phone: number } = await settle(client.login({ phoneCode: 'phone-code' }))
    expect(number).to.deep.equal(phoneNumber)
    expect(phone.paths()).to.deep.equal([LOGIN, NUMBER])
  })

  it('client.login() sends the code again with a new login code, and with a repeated one', async () => {
    phone.script(LOGIN, 'silence', problem(400, 'code_used', 'relogin'), loggedIn(1, { phone: phoneNumber }))
    await settle(client.login({ phoneCode: 'phone-code' }))
    expect(phone.sent.map(({ data }) => [data['code'], data['phoneCode']])).to.deep.equal([
      ['code-1', 'phone-code'],
      ['code-1', 'phone-code'],
      ['code-2', 'phone-code'],
    ])
  })

  it('client.login() is an ordinary login when the user gave no code', async () => {
    expect(await settle(client.login({ phoneCode: undefined }))).to.deep.equal({ expiresIn: 259_200 })
    expect(phone.sent[0]?.data).to.deep.equal({ code: 'code-1' })
  })

  it('client.login() rejects when the login fails', async () => {
    phone.script(LOGIN, problem(403, 'user_blocked', 'none'))
    expect(await settle(refusal(client.login({ phoneCode: 'phone-code' })))).to.include({
      code: 'user_blocked',
    })
  })
})
