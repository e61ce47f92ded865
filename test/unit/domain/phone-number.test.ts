import { expect } from 'chai'
import { R3SessionError } from '#src/domain/errors.js'
import type { DomainEvent } from '#src/domain/events.js'
import { createPhoneNumber } from '#src/domain/phone-number.js'
import type { Session } from '#src/domain/session.js'
import { createFakeStore } from '../../support/store/fake-store.js'
import { claimAt, loginOf } from '../../support/store/logins.js'
import { pausesOn } from '../../support/use-cases.js'

const number = { phoneNumber: '13800000000', purePhoneNumber: '13800000000', countryCode: '86' }
const MINUTE = 60_000

function setUp(store = createFakeStore()) {
  const time = { now: 1_700_000_000_000 }
  const asked: string[][] = []
  const events: DomainEvent[] = []
  const weixin = { fails: undefined as Error | undefined, answer: Promise.resolve() }
  const getPhoneNumber = createPhoneNumber({
    authenticate: async (token): Promise<Session> => {
      if (!token.startsWith('session')) throw new R3SessionError('invalid_session')
      const login = loginOf(0, { appid: 'wx', openid: `o-${token}` }, { token, expiresAt: 1e15 })
      await store.sessions.save(login)
      return login.session
    },
    wechat: {
      async phoneNumber(accessToken, code, openid) {
        asked.push([accessToken, code, openid])
        await weixin.answer
        if (weixin.fails !== undefined) throw weixin.fails
        return number
      },
    },
    accessTokens: { use: (_appid, call) => call('access-token') },
    attempts: store.phoneAttempts,
    pause: pausesOn(time),
    timeout: 5000,
    clock: () => time.now,
    report: (event) => void events.push(event),
  })
  return { getPhoneNumber, asked, time, weixin, store, events }
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error) => error,
  )
}

describe('a phone number', () => {
  it("is asked for with the session's own openid", async () => {
    const { getPhoneNumber, asked, events } = setUp()
    expect(await getPhoneNumber('session-1', 'code')).to.deep.equal(number)
    expect(asked).to.deep.equal([['access-token', 'code', 'o-session-1']])
    const user = { appid: 'wx', openid: 'o-session-1' }
    expect(events).to.deep.equal([{ type: 'phone_number', user }])
  })

  it('is asked for with each code that comes, also when two come at once', async () => {
    const { getPhoneNumber, asked } = setUp()
    await Promise.all(['code-1', 'code-2'].map((code) => getPhoneNumber('session-1', code)))
    expect(asked.map(([, code]) => code)).to.deep.equal(['code-1', 'code-2'])
  })

  it('is waited for while another process may ask for it: four calls to WeChat, and what the store takes', async () => {
    const { getPhoneNumber, asked, time, store } = setUp()
    const attempt = { appid: 'wx', code: JSON.stringify(['o-session-1', 'code']), key: 'o-session-1' }
    // The other process begins, and dies.
    const other = setUp(store)
    other.weixin.answer = new Promise(() => {})
    void other.getPhoneNumber('session-1', 'code')
    while (other.asked.length === 0) await Promise.resolve()
    expect(await store.phoneAttempts.claim(attempt, claimAt(time.now))).to.equal('running')
    const before = time.now
    expect(await getPhoneNumber('session-1', 'code')).to.deep.equal(number)
    expect(time.now - before).to.equal(4 * 5000 + 5000)
    expect(asked).to.have.lengthOf(1)
  })

  it('is paid for once when a session repeats its code within 5 minutes, one after the other or at once', async () => {
    const { getPhoneNumber, asked, time } = setUp()
    const both = await Promise.all([getPhoneNumber('session-1', 'code'), getPhoneNumber('session-1', 'code')])
    expect(both).to.deep.equal([number, number])
    time.now += 5 * MINUTE - 1
    expect(await getPhoneNumber('session-1', 'code')).to.deep.equal(number)
    expect(asked).to.have.lengthOf(1)
    time.now += 1
    await getPhoneNumber('session-1', 'code')
    expect(asked).to.have.lengthOf(2)
  })

  it('is not given to another session that brings the same code', async () => {
    const { getPhoneNumber, asked, weixin } = setUp()
    await getPhoneNumber('session-1', 'code')
    weixin.fails = new R3SessionError('code_invalid')
    expect(await failure(getPhoneNumber('session-2', 'code'))).to.have.property('code', 'code_invalid')
    expect(asked).to.have.lengthOf(2)
  })

  it('is not given without a session, however well the code is known', async () => {
    const { getPhoneNumber, asked } = setUp()
    expect(await failure(getPhoneNumber('nobody', 'code'))).to.have.property('code', 'invalid_session')
    expect(asked).to.have.lengthOf(0)
  })

  it('can be asked for again after a failure', async () => {
    const { getPhoneNumber, asked, weixin } = setUp()
    weixin.fails = new R3SessionError('wechat_busy')
    expect(await failure(getPhoneNumber('session-1', 'code'))).to.have.property('code', 'wechat_busy')
    weixin.fails = undefined
    expect(await getPhoneNumber('session-1', 'code')).to.deep.equal(number)
    expect(asked).to.have.lengthOf(2)
  })

  it('is paid for once when the repeat reaches another process, also while the first is under way', async () => {
    const store = createFakeStore()
    const [one, other] = [setUp(store), setUp(store)]
    const both = [one.getPhoneNumber('session-1', 'code'), other.getPhoneNumber('session-1', 'code')]
    expect(await Promise.all(both)).to.deep.equal([number, number])
    expect(await other.getPhoneNumber('session-1', 'code')).to.deep.equal(number)
    expect([...one.asked, ...other.asked]).to.have.lengthOf(1)
  })

  it('is given to who paid for it even if it can not be remembered', async () => {
    const store = createFakeStore()
    const fails = async () => {
      throw new R3SessionError('storage_unavailable')
    }
    const { getPhoneNumber, events } = setUp({
      ...store,
      phoneAttempts: { ...store.phoneAttempts, finish: fails },
    })
    expect(await getPhoneNumber('session-1', 'code')).to.deep.equal(number)
    expect(events[0]).to.include({ type: 'failure', of: 'remembering a phone number' })
  })

  it('costs nothing where the store could not tell a repeat from the first', async () => {
    const { getPhoneNumber, asked, store } = setUp()
    store.breakDown()
    expect(await failure(getPhoneNumber('session-1', 'code'))).to.have.property('code', 'storage_unavailable')
    expect(asked).to.have.lengthOf(0)
  })
})
