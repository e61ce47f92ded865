import { expect } from 'chai'
import { createFakePhone, type FakePhone, token } from '../support/page/fake-phone.js'

describe('the client’s storage', () => {
  let phone: FakePhone
  beforeEach(() => {
    phone = createFakePhone()
  })
  const settle = <T>(promise: Promise<T>) => phone.time.settle(promise)
  /** Restarts the mini program and gives the token that it uses. */
  const bearer = async (options = {}) => {
    const { data } = await settle(phone.client(options).request<{ bearer: string }>({ url: '/x' }))
    return data.bearer
  }

  it('the client stores the token as a string, encrypted, and finds it at the next start', async () => {
    await settle(phone.client().login())
    expect(phone.storage.get('r3session')).to.deep.equal({ data: token(1), encrypted: true })
    expect(await bearer()).to.equal(token(1))
    expect(phone.logins).to.have.length(1)
  })

  it('the client stores the token in plain text when the base library has no encryption', async () => {
    phone.storageIs = 'old'
    await settle(phone.client().login())
    expect(phone.storage.get('r3session')).to.deep.equal({ data: token(1), encrypted: false })
    expect(await bearer()).to.equal(token(1))
  })

  it('the client stores the token in plain text when encryption fails', async () => {
    phone.storageIs = 'no-encryption'
    await settle(phone.client().login())
    expect(phone.storage.get('r3session')).to.deep.equal({ data: token(1), encrypted: false })
    expect(await bearer()).to.equal(token(1))
    expect(phone.logins).to.have.length(1)
  })

  it('the client stores the token under its storageKey', async () => {
    await settle(phone.client({ storageKey: 'token' }).login())
    expect([...phone.storage.keys()]).to.deep.equal(['token'])
    expect(await bearer({ storageKey: 'token' })).to.equal(token(1))
  })

  it('the client reads the storage once, and only when needed', async () => {
    phone.storage.set('r3session', { data: token(7), encrypted: true })
    phone.live.add(token(7))
    const client = phone.client()
    expect(phone.storageCalls).to.deep.equal([])
    await settle(Promise.all([client.session(), client.request({ url: '/x' }), client.login()]))
    expect(phone.storageCalls).to.deep.equal(['getStorage'])
  })

  for (const data of [
    { r3session: token(7) },
    token(7).slice(1),
    token(7).replace('7', 'G'),
    '',
    7,
    null,
    [token(7)],
  ])
    it(`the client ignores the stored value ${JSON.stringify(data)?.slice(0, 20)}`, async () => {
      phone.storage.set('r3session', { data, encrypted: true })
      expect(await bearer()).to.equal(token(1))
      expect(phone.storage.get('r3session')?.data).to.equal(token(1))
    })

  for (const storageIs of ['failing', 'throwing', 'silent'] as const)
    it(`with a storage that is ${storageIs}, the client keeps the token in memory and works`, async () => {
      phone.storageIs = storageIs
      const client = phone.client()
      await settle(client.login())
      expect((await settle(client.request<{ bearer: string }>({ url: '/x' }))).data.bearer).to.equal(token(1))
      expect(phone.time.elapsed()).to.be.lessThan(storageIs === 'silent' ? 7000 : 1000)
      phone.live.clear()
      expect((await settle(client.request<{ bearer: string }>({ url: '/x' }))).data.bearer).to.equal(token(2))
      await settle(client.logout())
      expect(phone.live.size).to.equal(0)
      expect(phone.logins).to.have.length(2)
    })

  it('if the storage fails between reading and writing, only the next start has to log in', async () => {
    phone.storage.set('r3session', { data: token(7), encrypted: true })
    const client = phone.client()
    const request = client.request<{ bearer: string }>({ url: '/x' })
    while (phone.sent.length === 0) await phone.time.pass(1)
    phone.storageIs = 'failing'
    expect((await settle(request)).data.bearer).to.equal(token(1))
    phone.storageIs = 'well'
    expect(await bearer()).to.equal(token(2))
  })

  it('the client works without any storage functions', async () => {
    const { login, request } = phone.wx
    Object.assign(phone.wx, {
      getStorage: undefined,
      setStorage: undefined,
      removeStorage: undefined,
      login,
      request,
    })
    expect(await bearer()).to.equal(token(1))
  })

  it('the client writes and removes the token in the order of its calls', async () => {
    const client = phone.client()
    await settle(Promise.all([client.login(), client.logout()]))
    expect(phone.storage.size).to.equal(0)
    expect(phone.live.size).to.equal(0)
  })

  it('the client leaves no timer behind', async () => {
    const client = phone.client()
    await settle(client.login())
    await settle(client.logout())
    expect(phone.time.pending()).to.equal(0)
  })
})
