import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { createSessionKeys, KEY_LIFE, MAX_KEYS } from '#src/sandbox/state/session-keys.js'

const anna = { appid: 'wx1', openid: 'o-anna' }

function setUp(refreshInterval: number) {
  const time = { now: 1_000_000 }
  return { time, keys: createSessionKeys({ clock: () => time.now, randomBytes }, refreshInterval) }
}

describe("the sandbox's session keys", () => {
  it('a session_key is 16 random bytes in base64', () => {
    const { keys } = setUp(0)
    const key = keys.get(anna)
    expect(key).to.match(/^[A-Za-z0-9+/]{22}==$/)
    expect(Buffer.from(key, 'base64')).to.have.length(16)
  })

  it('a session_key stays the same within the refresh interval and changes with the first login after it', () => {
    const { time, keys } = setUp(60_000)
    keys.login(anna)
    const first = keys.find(anna)
    time.now += 59_999
    keys.login(anna)
    expect(keys.find(anna)).to.equal(first).and.be.a('string')
    time.now += 1
    expect(keys.find(anna)).to.equal(first)
    keys.login(anna)
    expect(keys.find(anna)).to.be.a('string').and.not.equal(first)
  })

  it('a session_key changes with every login when the refresh interval is 0', () => {
    const { keys } = setUp(0)
    keys.login(anna)
    const first = keys.find(anna)
    keys.login(anna)
    expect(keys.find(anna)).to.not.equal(first)
  })

  it('a session_key belongs to one user of one app', () => {
    const { keys } = setUp(0)
    const key = keys.get(anna)
    expect(keys.find({ ...anna, appid: 'wx2' })).to.equal(undefined)
    expect(keys.find({ ...anna, openid: 'o-ben' })).to.equal(undefined)
    expect(keys.get({ ...anna, openid: 'o-ben' })).to.not.equal(key)
    expect(keys.find(anna)).to.equal(key)
  })

  it('a session_key ends after its life, and a login then brings a new one whatever the interval', () => {
    const { time, keys } = setUp(Infinity)
    keys.login(anna)
    const first = keys.find(anna)
    time.now += KEY_LIFE - 1
    expect(keys.find(anna)).to.equal(first)
    time.now += 1
    expect(keys.find(anna)).to.equal(undefined)
    keys.login(anna)
    expect(keys.find(anna)).to.be.a('string').and.not.equal(first)
  })

  it('a session_key has a life of its own when rotated, and ends with the old one when replaced', () => {
    const { time, keys } = setUp(0)
    const ben = { ...anna, openid: 'o-ben' }
    const old = [keys.get(anna), keys.get(ben)]
    time.now += KEY_LIFE - 1
    const rotated = keys.rotate(anna)
    const replaced = keys.replace(ben)
    expect(old).to.not.include(rotated)
    expect(old).to.not.include(replaced)
    expect([keys.find(anna), keys.find(ben)]).to.deep.equal([rotated, replaced])
    time.now += 1
    expect([keys.find(anna), keys.find(ben)]).to.deep.equal([rotated, undefined])
  })

  it('session_keys are forgotten, the oldest first, before there are too many of them', () => {
    const { keys } = setUp(0)
    for (let index = 0; index <= MAX_KEYS; index++) keys.get({ appid: 'wx1', openid: `o-${index}` })
    expect(keys.find({ appid: 'wx1', openid: 'o-0' })).to.equal(undefined)
    expect(keys.find({ appid: 'wx1', openid: 'o-1' })).to.be.a('string')
    keys.rotate({ appid: 'wx1', openid: 'o-2' })
    expect(keys.find({ appid: 'wx1', openid: 'o-1' })).to.be.a('string')
    keys.get(anna)
    keys.get({ appid: 'wx2', openid: 'o-anna' })
    expect(keys.find({ appid: 'wx1', openid: 'o-1' })).to.equal(undefined)
    expect(keys.find({ appid: 'wx1', openid: 'o-3' })).to.equal(undefined)
    expect(keys.find({ appid: 'wx1', openid: 'o-2' })).to.be.a('string')
  })
})
