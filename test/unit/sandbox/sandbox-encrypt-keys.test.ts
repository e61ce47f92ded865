import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { createEncryptKeys, ENCRYPT_KEY_LIFE, MAX_OWNERS } from '#src/sandbox/state/encrypt-keys.js'

const anna = { appid: 'wx1', openid: 'o-anna' }

function setUp() {
  const time = { now: 1_000_000 }
  return { time, keys: createEncryptKeys({ clock: () => time.now, randomBytes }) }
}

describe("the sandbox's encrypt keys", () => {
  it('an encrypt key is 16 bytes in base64 with an iv of 16 hex digits', () => {
    const [key] = setUp().keys.of(anna)
    expect(key.encryptKey).to.match(/^[A-Za-z0-9+/]{22}==$/)
    expect(key.iv).to.match(/^[0-9a-f]{16}$/)
    expect(key).to.include({ version: 1, createdAt: 1_000_000, expiresAt: 1_000_000 + ENCRYPT_KEY_LIFE })
  })

  it('an encrypt key stays for an hour; then there is another one, and the last three are told', () => {
    const { time, keys } = setUp()
    const first = keys.of(anna)
    time.now += ENCRYPT_KEY_LIFE - 1
    expect(keys.of(anna)).to.deep.equal(first)
    time.now += 1
    const second = keys.of(anna)
    expect(second.map(({ version }) => version)).to.deep.equal([2, 1])
    expect(second[1]).to.deep.equal(first[0])
    for (let index = 0; index < 3; index++) {
      time.now += ENCRYPT_KEY_LIFE
      keys.of(anna)
    }
    expect(keys.of(anna).map(({ version }) => version)).to.deep.equal([5, 4, 3])
  })

  it('an encrypt key belongs to one user of one app', () => {
    const { keys } = setUp()
    const [key] = keys.of(anna)
    expect(keys.of({ ...anna, appid: 'wx2' })[0].encryptKey).to.not.equal(key.encryptKey)
    expect(keys.of({ ...anna, openid: 'o-ben' })[0].encryptKey).to.not.equal(key.encryptKey)
  })

  it('encrypt keys are forgotten, the oldest first, before there are too many of them', () => {
    const { keys } = setUp()
    const [first] = keys.of(anna)
    const ben = { ...anna, openid: 'o-ben' }
    const [second] = keys.of(ben)
    for (let index = 0; index < MAX_OWNERS - 1; index++) keys.of({ appid: 'wx2', openid: `o-${index}` })
    expect(keys.of(ben)[0]).to.equal(second)
    expect(keys.of(anna)[0]).to.not.equal(first)
  })
})
