import { createHmac } from 'node:crypto'
import { expect } from 'chai'
import { signData } from '#src/adapters/crypto/sign-data.js'
import { withoutKey, withResetKey } from '#src/domain/key-ring.js'
import { createSign } from '#src/domain/keys/sign.js'
import type { UserKey } from '#src/domain/session.js'
import { ann, annElsewhere, ben, endingAt, loginOf, start, tokenOf } from '../support/store/logins.js'
import { failure } from '../support/use-cases.js'
import { describeEachStore } from './stores.js'

const data = '{"openid":"o","env":0}'
const signedWith = (key: string) => createHmac('sha256', key).update(data).digest('hex')

describeEachStore('signing', (current) => {
  const here = () => current().here
  const sign = (user: UserKey = ann) =>
    createSign({ keyRings: current().there.keyRings, signData, report: () => {} })(user, data)
  const save = (n: number, sessionKey: string, createdAt: number) =>
    here().sessions.save(loginOf(n, ann, { sessionKey, createdAt }))

  it('is done with the newest key, whatever order logins are recorded in', async () => {
    await save(1, 'key-1', start)
    expect(await sign()).to.equal(signedWith('key-1'))
    await save(3, 'key-3', start + 3)
    await save(2, 'key-2', start + 2)
    expect(await sign()).to.equal(signedWith('key-3'))
  })

  it('is not done with an older key where the newest is known to be replaced, until there is a new one', async () => {
    await save(1, 'key-1', start)
    await save(2, 'key-2', start + 2)
    await here().keyRings.change(ann, (ring) => withoutKey(ring, 'key-2', start + 3))
    expect(await failure(sign())).to.equal('key_replaced')
    await here().keyRings.change(ann, (ring) => withResetKey(ring, 'key-3', start + 4))
    expect(await sign()).to.equal(signedWith('key-3'))
  })

  it('goes on where an older key was found replaced', async () => {
    await save(1, 'key-1', start)
    await save(2, 'key-2', start + 2)
    await here().keyRings.change(ann, (ring) => withoutKey(ring, 'key-1', start + 3))
    expect(await sign()).to.equal(signedWith('key-2'))
  })

  it('goes on after a logout, and ends with a user who is forgotten', async () => {
    await save(1, 'key-1', start)
    await save(2, 'key-1', start + 2)
    await here().sessions.delete(tokenOf(2))
    expect(await sign()).to.equal(signedWith('key-1'))
    await here().sessions.forget(ann, endingAt(start + 3))
    expect(await failure(sign())).to.equal('key_replaced')
  })

  it('is done for nobody else, and not with keys of another secret', async () => {
    await save(1, 'key-1', start)
    for (const user of [ben, annElsewhere]) expect(await failure(sign(user))).to.equal('key_replaced')
    const other = createSign({ keyRings: current().with(['other']).keyRings, signData, report: () => {} })
    expect(await failure(other(ann, data))).to.equal('key_replaced')
  })
})
