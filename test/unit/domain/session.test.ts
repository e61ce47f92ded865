import { expect } from 'chai'
import fc from 'fast-check'
import { beginSession, isAlive, type Lifetime, type Session, seen } from '#src/domain/session.js'

const user = { appid: 'wx-app', openid: 'o-user' }
const lifetime: Lifetime = { ttl: 1_000_000, maxAge: 10_000_000 }
const begin = (life = lifetime) => beginSession(user, 'id', life, 5_000)

describe('a session', () => {
  it('lives until its ttl has passed and not a millisecond longer', () => {
    expect(isAlive(begin(), 5_000 + 999_999)).to.equal(true)
    expect(isAlive(begin(), 5_000 + 1_000_000)).to.equal(false)
  })

  it('is pushed on by every use', () => {
    const used = seen(begin(), lifetime, 500_000)
    expect(used).to.include({ lastSeenAt: 500_000, expiresAt: 1_500_000, createdAt: 5_000 })
  })

  it('never outlives its maximum age, however often it is used', () => {
    const used = seen(begin(), lifetime, 9_900_000)
    expect(used.expiresAt).to.equal(10_005_000)
  })

  it('ends at its maximum age from the start when that is shorter than the ttl', () => {
    expect(begin({ ttl: 100, maxAge: 10 }).expiresAt).to.equal(5_010)
  })

  it('stays the same object when it was seen a moment ago, so that most uses cost no write', () => {
    const session = begin()
    expect(seen(session, lifetime, 5_000 + 9_999)).to.equal(session)
    expect(seen(session, lifetime, 5_000 + 10_000)).not.to.equal(session)
  })

  it('records a use at least once a minute, however long the ttl is', () => {
    const session = begin({ ttl: 1e12, maxAge: 1e12 })
    expect(seen(session, { ttl: 1e12, maxAge: 1e12 }, 65_000)).not.to.equal(session)
  })

  it('keeps who it belongs to through every use', () => {
    const session = beginSession({ ...user, unionid: 'u' }, 'id', lifetime, 0)
    expect(seen(session, lifetime, 500_000)).to.include({ ...user, unionid: 'u', id: 'id' })
  })

  it('used in gaps shorter than 99 % of its ttl lives up to its maximum age, in any rhythm of uses', () => {
    const rhythm = fc.array(fc.integer({ min: 1, max: 990_000 }), { maxLength: 50 })
    fc.assert(
      fc.property(rhythm, (gaps) => {
        let session: Session = begin()
        let now = session.createdAt
        for (const gap of gaps) {
          now += gap
          expect(isAlive(session, now)).to.equal(now < 5_000 + lifetime.maxAge)
          if (!isAlive(session, now)) return
          session = seen(session, lifetime, now)
          expect(session.expiresAt).to.be.at.most(Math.min(now + lifetime.ttl, 5_000 + lifetime.maxAge))
        }
      }),
    )
  })
})
