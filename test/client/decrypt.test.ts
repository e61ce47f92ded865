import type { Client } from '@r3session/client'
import { expect } from 'chai'
import { createFakePhone, type FakePhone, noSession, problem, token } from '../support/page/fake-phone.js'
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

  it('client.decrypt() sends only the encrypted data of a wx result, with the current session', async () => {
    const result = { ...sealed, errMsg: 'getUserInfo:ok', userInfo: { nickName: '微信用户' }, cloudID: '7' }
    expect(await settle(client.decrypt(result))).to.deep.equal({ openId: 'o1' })
    expect(phone.sent.map(({ data }) => data)).to.deep.equal([sealed])
    expect(phone.sent[0]?.header).to.include({ authorization: `Bearer ${token(7)}` })
    expect(phone.logins).to.deep.equal([])
  })

  it('client.decrypt() accepts the phone button’s event, which has only two of the fields', async () => {
    const { encryptedData, iv } = sealed
    await settle(client.decrypt({ encryptedData, iv }))
    expect(phone.sent[0]?.data).to.deep.equal({ encryptedData, iv })
  })

  it('client.decrypt() logs in when the key is outdated, and then says to ask the user again', async () => {
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

  it('client.decrypt() logs in once when several calls fail together', async () => {
    phone.script(DECRYPT, stale, stale, stale)
    await settle(Promise.all([1, 2, 3].map(() => refusal(client.decrypt(sealed)))))
    expect(phone.logins).to.have.length(1)
  })

  it('client.decrypt() rejects with the same error when the login after it fails', async () => {
    phone.script(DECRYPT, stale)
    phone.script(LOGIN, problem(502, 'wechat_misconfigured', 'contact_operator'))
    expect(await settle(refusal(client.decrypt(sealed)))).to.include({
      code: 'decrypt_failed',
      action: 'relogin',
    })
    expect(await settle(client.decrypt(sealed))).to.deep.equal({ openId: 'o1' })
  })

  it('client.decrypt() does not log in after other errors', async () => {
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

  it('client.decrypt() repeats a call that got no answer', async () => {
    phone.script(DECRYPT, 'silence', { fail: { errMsg: 'request:fail' } })
    await settle(client.decrypt(sealed))
    expect(phone.paths()).to.deep.equal([DECRYPT, DECRYPT, DECRYPT])
  })

  describe('client.decrypt() after a 401', () => {
    beforeEach(() => phone.live.clear())

    it('client.decrypt() logs in after a 401 and sends the same data again, because the service keeps older keys', async () => {
      expect(await settle(client.decrypt(sealed))).to.deep.equal({ openId: 'o1' })
      expect(phone.paths()).to.deep.equal([DECRYPT, LOGIN, DECRYPT])
      expect(phone.sent[2]?.data).to.deep.equal(sealed)
    })

    it('client.decrypt() does not log in a second time when the data can’t be decrypted after a 401', async () => {
      phone.script(DECRYPT, noSession, stale)
      expect(await settle(refusal(client.decrypt(sealed)))).to.include({ code: 'decrypt_failed' })
      expect(phone.logins).to.have.length(1)
    })
  })

  describe('client.decrypt() without a session', () => {
    beforeEach(() => {
      phone.storage.clear()
    })

    it('client.decrypt() never sends data that is older than the session: it logs in and says to ask the user again', async () => {
      const error = await settle(refusal(client.decrypt(sealed)))
      expect(error).to.include({ code: 'unauthorized', action: 'relogin' })
      expect(phone.paths()).to.deep.equal([LOGIN])
      expect(await settle(client.decrypt(sealed))).to.deep.equal({ openId: 'o1' })
      expect(phone.logins).to.have.length(1)
    })

    it('client.decrypt() waits for a login in progress', async () => {
      const login = client.login()
      while (phone.logins.length === 0) await phone.time.pass(1)
      expect(await settle(client.decrypt(sealed))).to.deep.equal({ openId: 'o1' })
      await login
      expect(phone.paths()).to.deep.equal([LOGIN, DECRYPT])
    })

    it('client.decrypt() rejects with the error of a failed login', async () => {
      phone.script('wx.login', { fail: { errMsg: 'login:fail' } })
      expect(await settle(refusal(client.decrypt(sealed)))).to.include({ code: 'network', action: 'retry' })
    })
  })

  it('client.decrypt() sends nothing when the user refused', async () => {
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
