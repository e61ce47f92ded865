import type { Client } from '@r3session/client'
import { expect } from 'chai'
import { createFakePhone, type FakePhone, noSession, problem, token } from '../support/page/fake-phone.js'
import { nextUnhandled } from '../support/page/unhandled.js'
import { refusal } from '../support/refusal.js'

describe('what the client tells of its session', () => {
  let phone: FakePhone
  let client: Client
  let told: boolean[]
  beforeEach(() => {
    phone = createFakePhone()
    client = phone.client()
    told = []
    client.onChange((loggedIn) => told.push(loggedIn))
  })
  const settle = <T>(promise: Promise<T>) => phone.time.settle(promise)
  const store = () => {
    phone.storage.set('r3session', { data: token(7), encrypted: true })
    phone.live.add(token(7))
  }

  it('client.onChange() tells of each session that begins, and of its end', async () => {
    await settle(client.login())
    expect(told).to.deep.equal([true])
    await settle(client.logout())
    expect(told).to.deep.equal([true, false])
    await settle(client.request({ url: '/a' }))
    expect(told).to.deep.equal([true, false, true])
  })

  it('client.onChange() tells of a session in the storage when it is found', async () => {
    store()
    await settle(client.session())
    expect(told).to.deep.equal([true])
  })

  it('client.onChange() tells of a session that replaces an ended one, and not of the moment between', async () => {
    await settle(client.login())
    phone.live.clear()
    await settle(Promise.all([client.request({ url: '/a' }), client.request({ url: '/b' })]))
    expect(told).to.deep.equal([true, true])
  })

  it('client.onChange() tells that a session has ended when no new one can be had', async () => {
    await settle(client.login())
    phone.live.clear()
    phone.script('POST /v1/login', problem(403, 'user_blocked', 'none'))
    await settle(refusal(client.request({ url: '/a' })))
    expect(told).to.deep.equal([true, false])
  })

  it('client.onChange() tells nothing when the first login fails, nor when a logout does', async () => {
    phone.script('POST /v1/login', problem(403, 'user_blocked', 'none'))
    await settle(refusal(client.login()))
    expect(told).to.deep.equal([])
    store()
    const other = phone.client()
    other.onChange((loggedIn) => told.push(loggedIn))
    phone.script('DELETE /v1/session', problem(503, 'storage_unavailable', 'retry', { 'Retry-After': '60' }))
    await settle(refusal(other.logout()))
    expect(told).to.deep.equal([true])
  })

  it('what client.onChange() returns ends it, for this listener only', async () => {
    const heard: string[] = []
    const listener = () => heard.push('both')
    const end = client.onChange(listener)
    client.onChange(listener)
    end()
    end()
    await settle(client.login())
    expect(heard).to.deep.equal(['both'])
  })

  it('a listener that throws disturbs nobody, and its error is not swallowed', async () => {
    const thrown = nextUnhandled()
    client.onChange(() => {
      throw new Error('mine')
    })
    const heard: boolean[] = []
    client.onChange((loggedIn) => heard.push(loggedIn))
    await settle(client.login())
    expect(heard).to.deep.equal([true])
    expect(await thrown).to.have.property('message', 'mine')
  })

  it('client.ready() waits for a session and never asks for one', async () => {
    let isReady = false
    const ready = client.ready().then(() => {
      isReady = true
    })
    await phone.time.pass(60_000)
    expect([isReady, phone.sent.length, phone.logins.length]).to.deep.equal([false, 0, 0])
    phone.script('POST /v1/login', problem(403, 'user_blocked', 'none'))
    await settle(refusal(client.login()))
    expect(isReady).to.equal(false)
    await settle(client.login())
    await ready
    await settle(client.ready())
    expect(phone.logins).to.have.length(2)
  })

  it('client.ready() takes a stored session as it is', async () => {
    store()
    await settle(client.ready())
    expect(phone.sent).to.deep.equal([])
  })

  it('client.authHeader() gives the header of a session that is valid', async () => {
    expect(await settle(client.authHeader())).to.deep.equal({ Authorization: `Bearer ${token(1)}` })
    expect(await settle(client.authHeader())).to.deep.equal({ Authorization: `Bearer ${token(1)}` })
    expect(phone.paths()).to.deep.equal(['POST /v1/login'])
  })

  it('client.authHeader() asks whether a stored session has ended, and session() after a 401 replaces it', async () => {
    store()
    phone.live.clear()
    expect(await settle(client.authHeader())).to.deep.equal({ Authorization: `Bearer ${token(1)}` })
    phone.live.clear()
    await settle(client.session())
    expect(await settle(client.authHeader())).to.deep.equal({ Authorization: `Bearer ${token(2)}` })
  })

  it('client.authHeader() rejects when there can be no session', async () => {
    store()
    phone.script('GET /v1/session', noSession, noSession)
    phone.script('POST /v1/login', problem(403, 'user_blocked', 'none'))
    expect(await settle(refusal(client.authHeader()))).to.include({ code: 'user_blocked' })
  })

  it('client.guard() logs in before the handler runs, with its own this and arguments', async () => {
    const page = {
      name: 'orders',
      onLoad: client.guard(async function (this: { name: string }, query: { id: number }, more: string) {
        return `${this.name} ${query.id} ${more} after ${phone.logins.length}`
      }),
    }
    expect(await settle(page.onLoad({ id: 7 }, 'x'))).to.equal('orders 7 x after 1')
    expect(await settle(page.onLoad({ id: 8 }, 'y'))).to.equal('orders 8 y after 1')
  })

  it('client.guard() calls the second function when the login fails, and not the handler', async () => {
    phone.script('POST /v1/login', ...Array(2).fill(problem(403, 'user_blocked', 'none')))
    let shown = ''
    const never = () => expect.fail('it ran')
    const page = {
      show: (text: string) => {
        shown = text
      },
      onLoad: client.guard(never, function (this: { show(text: string): void }, error) {
        this.show(error.code)
      }),
    }
    expect(await settle(page.onLoad())).to.equal(undefined)
    expect(shown).to.equal('user_blocked')
    expect(await settle(refusal(client.guard(never)()))).to.include({ code: 'user_blocked' })
  })

  it('client.guard() leaves the handler’s own error to its caller', async () => {
    const handler = client.guard(
      () => {
        throw new Error('mine')
      },
      () => expect.fail('it was called'),
    )
    const error = await settle(handler().catch((error: Error) => error))
    expect(error).to.have.property('message', 'mine')
  })
})
