import { expect } from 'chai'
import type { DomainEvent } from '#src/domain/events.js'
import { createEncryptKeys } from '#src/domain/keys/encrypt-keys.js'
import { createFakeStore } from '../../support/store/fake-store.js'
import { failure } from '../../support/use-cases.js'

const user = { appid: 'wx', openid: 'o' }
const key = { encryptKey: 'AA==', iv: '6003f73ec441c386', version: 1, expiresIn: 3600, createdAt: 0 }

async function setUp() {
  const { sessions, keyRings } = createFakeStore()
  const session = { ...user, id: 'id', createdAt: 0, lastSeenAt: 0, expiresAt: 1e15 }
  const logIn = (sessionKey: string, createdAt: number) =>
    sessions.save({
      token: sessionKey,
      session: { ...session, createdAt },
      sessionKey,
      epoch: 0,
      maxSessions: 10,
    })
  await logIn('key-1', 0)
  const asked: string[][] = []
  const events: DomainEvent[] = []
  const weixin = { live: 'key-1' }
  const encryptKeys = createEncryptKeys({
    keyRings,
    wechat: {
      async encryptKeys(...args) {
        asked.push(args)
        return args[2] === weixin.live ? [key] : undefined
      },
    },
    accessTokens: { use: (_appid, call) => call('access-token') },
    clock: () => 1000,
    report: (event) => events.push(event),
  })
  return { encryptKeys, asked, events, weixin, logIn, ring: () => keyRings.keys(user) }
}

describe('encryption keys', () => {
  it('are asked for with the newest session_key, and told of with whom they went to', async () => {
    const { encryptKeys, asked, events } = await setUp()
    const by = { requestId: 'request', serviceKey: 'orders' }
    expect(await encryptKeys(user, by)).to.deep.equal([key])
    expect(asked).to.deep.equal([['access-token', 'o', 'key-1']])
    expect(events).to.deep.equal([{ type: 'encrypt_keys', user, by }])
  })

  it('are not to be had where WeChat no longer honours that one, which is marked and not asked about again', async () => {
    const { encryptKeys, asked, events, weixin, ring, logIn } = await setUp()
    weixin.live = 'key-2'
    expect(await failure(encryptKeys(user))).to.equal('key_replaced')
    expect(await ring()).to.deep.equal([{ key: 'key-1', at: 0, replacedAt: 1000 }])
    expect(events).to.deep.equal([{ type: 'key_replaced', user, by: 'check' }])
    expect(await failure(encryptKeys(user))).to.equal('key_replaced')
    expect(asked).to.have.lengthOf(1)
    await logIn('key-2', 2000)
    expect(await encryptKeys(user)).to.deep.equal([key])
  })

  it('are none for a user of whom there is no session_key', async () => {
    const { encryptKeys, asked } = await setUp()
    expect(await failure(encryptKeys({ ...user, openid: 'other' }))).to.equal('key_replaced')
    expect(asked).to.deep.equal([])
  })
})
