import type { Client } from '@r3session/client'
import { expect } from 'chai'
import { createFakePhone, type FakePhone, noSession, problem, token } from '../support/fake-phone.js'
import { refusal } from '../support/refusal.js'

const DECRYPT = 'POST /v1/decrypt'
const LOGIN = 'POST /v1/login'
const sealed = { encryptedData: 'c2VhbGVk', iv: 'aXY=', rawData: '{}', signature: 'abc' }
const stale = problem(422, 'decrypt_failed', 'relogin')

describe('client.decrypt()', () => {
  let phone: FakePhone
  let client: Client
  beforeEach(() => {
    phone = createFakePhone()
    phone.storage.set('r3session', { data: token(7), encrypted: true })
    phone.live.add(token(7))
    client = phone.client()
  })
  const settle = <T>(promise: Promise<T>) => phone.time.settle(promise)

  it('sends what is sealed, and nothing else of a whole wx result, with the session there is', async () => {
    const result = { ...sealed, errMsg: 'getUserInfo:ok', userInfo: { nickName: '微信用户' }, cloudID: '7' }
    expect(await settle(client.decrypt(result))).to.deep.equal({ openId: 'o1' })
    expect(phone.sent.map(({ data }) => data)).to.deep.equal([sealed])
    expect(phone.sent[0]?.header).to.include({ authorization: `Bearer ${token(7)}` })
    expect(phone.logins).to.deep.equal([])
  })

  it('sends the two fields of the phone button’s event alone', async () => {
    const { encryptedData, iv } = sealed
    await settle(client.decrypt({ encryptedData, iv }))
    expect(phone.sent[0]?.data).to.deep.equal({ encryptedData, iv })
  })

  it('logs in when the key is stale, and then says that the user must be asked again', async () => {
    for (const code of ['decrypt_failed', 'signature_mismatch']) {
      phone.sent.length = 0
      phone.script(DECRYPT, problem(422, code, 'relogin'))
      expect(await settle(refusal(client.decrypt(sealed)))).to.include({
        code,
        action: 'relogin',
        status: 422,
      })
      expect(phone.paths()).to.deep.equal([DECRYPT, LOGIN])
      expect(await settle(client.decrypt(sealed))).to.deep.equal({ openId: 'o1' })
    }
    expect(phone.logins).to.have.length(2)
  })

  it('logs in once for several that fail together', async () => {
    phone.script(DECRYPT, stale, stale, stale)
    await settle(Promise.all([1, 2, 3].map(() => refusal(client.decrypt(sealed)))))
    expect(phone.logins).to.have.length(1)
  })

  it('says the same when that login fails', async () => {
    phone.script(DECRYPT, stale)
    phone.script(LOGIN, problem(502, 'wechat_misconfigured', 'contact_operator'))
    expect(await settle(refusal(client.decrypt(sealed)))).to.include({
      code: 'decrypt_failed',
      action: 'relogin',
    })
    expect(await settle(client.decrypt(sealed))).to.deep.equal({ openId: 'o1' })
  })

  it('does not log in for any other refusal', async () => {
    phone.script(DECRYPT, problem(400, 'invalid_request', 'fix_request'), {
      statusCode: 200,
      data: { no: 'data' },
    })
    expect(await settle(refusal(client.decrypt(sealed)))).to.include({ code: 'invalid_request', status: 400 })
    expect(await settle(refusal(client.decrypt(sealed)))).to.include({
      code: 'http_error',
      action: 'retry',
      status: 200,
    })
    expect(phone.logins).to.deep.equal([])
  })

  it('repeats a call that got no answer', async () => {
    phone.script(DECRYPT, 'silence', { fail: { errMsg: 'request:fail' } })
    await settle(client.decrypt(sealed))
    expect(phone.paths()).to.deep.equal([DECRYPT, DECRYPT, DECRYPT])
  })

  describe('after a 401', () => {
    beforeEach(() => phone.live.clear())

    it('logs in and sends the same data once more: the service’s ring of keys often opens it', async () => {
      expect(await settle(client.decrypt(sealed))).to.deep.equal({ openId: 'o1' })
      expect(phone.paths()).to.deep.equal([DECRYPT, LOGIN, DECRYPT])
      expect(phone.sent[2]?.data).to.deep.equal(sealed)
    })

    it('does not log in a second time when that does not open', async () => {
      phone.script(DECRYPT, noSession, stale)
      expect(await settle(refusal(client.decrypt(sealed)))).to.include({ code: 'decrypt_failed' })
      expect(phone.logins).to.have.length(1)
    })
  })

  describe('without a session', () => {
    beforeEach(() => {
      phone.storage.clear()
    })

    it('never sends data with a session that is younger: it logs in and has the user asked again', async () => {
      const error = await settle(refusal(client.decrypt(sealed)))
      expect(error).to.include({ code: 'unauthorized', action: 'relogin' })
      expect(phone.paths()).to.deep.equal([LOGIN])
      expect(await settle(client.decrypt(sealed))).to.deep.equal({ openId: 'o1' })
      expect(phone.logins).to.have.length(1)
    })

    it('waits for a login that is under way', async () => {
      const login = client.login()
      while (phone.logins.length === 0) await phone.time.pass(1)
      expect(await settle(client.decrypt(sealed))).to.deep.equal({ openId: 'o1' })
      await login
      expect(phone.paths()).to.deep.equal([LOGIN, DECRYPT])
    })

    it('rejects with what kept the login from succeeding', async () => {
      phone.script('wx.login', { fail: { errMsg: 'login:fail' } })
      expect(await settle(refusal(client.decrypt(sealed)))).to.include({ code: 'network', action: 'retry' })
    })
  })

  it('asks nobody when the user refused', async () => {
    for (const refused of [
      { errMsg: 'getUserInfo:fail auth deny' },
      { ...sealed, iv: undefined },
      undefined,
      'x',
    ])
      expect(await settle(refusal(client.decrypt(refused as never)))).to.include({
        code: 'invalid_request',
        action: 'fix_request',
      })
    expect(phone.sent).to.deep.equal([])
    expect(phone.logins).to.deep.equal([])
  })
})
