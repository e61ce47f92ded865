import { expect } from 'chai'
import { R3SessionError } from '#src/domain/errors.js'
import { createSessionKey } from '#src/domain/keys/session-key.js'
import type { Session } from '#src/domain/session.js'
import { createFakeStore } from '../../support/store/fake-store.js'

const session: Session = { id: 'id', appid: 'wx', openid: 'o', createdAt: 0, lastSeenAt: 0, expiresAt: 1e15 }

async function setUp() {
  const { sessions, keyRings } = createFakeStore()
  const weixin = { live: 'key-1', next: 'key-2' as string | undefined, asked: [] as string[][] }
  await sessions.save({ token: 'token', session, sessionKey: 'key-1', epoch: 0, maxSessions: 10 })
  const keys = createSessionKey({
    authenticate: async () => session,
    keyRings,
    wechat: {
      async honoursKey(...args) {
        weixin.asked.push(args)
        return args[2] === weixin.live
      },
      async resetKey(...args) {
        weixin.asked.push(args)
        if (args[2] !== weixin.live || weixin.next === undefined) return undefined
        weixin.live = weixin.next
        return weixin.live
      },
    },
    accessTokens: { use: (_appid, call) => call('access-token') },
    clock: () => 1000,
    report: () => {},
  })
  return { keys, weixin, ring: () => keyRings.keys(session) }
}

describe('the session_key on record', () => {
  it('is checked by asking WeChat about the newest', async () => {
    const { keys, weixin } = await setUp()
    expect(await keys.check('token')).to.equal(true)
    expect(weixin.asked).to.deep.equal([['access-token', 'o', 'key-1']])
  })

  it('is marked as replaced when WeChat no longer honours it, and not asked about again', async () => {
    const { keys, weixin, ring } = await setUp()
    weixin.live = 'unknown'
    expect(await keys.check('token')).to.equal(false)
    expect(await ring()).to.deep.equal([{ key: 'key-1', at: 0, replacedAt: 1000 }])
    expect(await keys.check('token')).to.equal(false)
    expect(weixin.asked).to.have.lengthOf(1)
  })

  it('is replaced by the one that WeChat gives', async () => {
    const { keys, ring } = await setUp()
    await keys.reset('token')
    expect(await ring()).to.deep.equal([
      { key: 'key-2', at: 1000 },
      { key: 'key-1', at: 0, replacedAt: 1000 },
    ])
    expect(await keys.check('token')).to.equal(true)
  })

  it('asks for a new login when WeChat will not replace it', async () => {
    const { keys, weixin, ring } = await setUp()
    weixin.live = 'unknown'
    const refused = () => keys.reset('token').catch((error: unknown) => error)
    expect(await refused())
      .to.be.an.instanceOf(R3SessionError)
      .with.property('code', 'invalid_session')
    expect(await ring()).to.deep.equal([{ key: 'key-1', at: 0, replacedAt: 1000 }])
    expect(await refused()).to.have.property('code', 'invalid_session')
    expect(weixin.asked).to.have.lengthOf(1)
  })
})
