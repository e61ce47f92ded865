import { expect } from 'chai'
import type { RawStore } from '#src/adapters/store/raw-store.js'
import { createSessionCache } from '#src/adapters/store/session-cache.js'
import { createAuthenticate } from '#src/domain/authenticate.js'
import { R3SessionError } from '#src/domain/errors.js'
import type { SessionRepository } from '#src/domain/ports.js'
import { createFakeStore } from '../../support/store/fake-store.js'
import { ann, codeOf, endingAt, idOf, loginOf, start, tokenOf } from '../../support/store/logins.js'

describe('the cache of sessions', () => {
  const always = () => true

  /** A store, and what reads of it arrive. */
  function counted() {
    const { raw, sessions } = createFakeStore()
    const asked: string[] = []
    const watched: RawStore = {
      ...raw,
      epoch: async () => {
        asked.push('epoch')
        return raw.epoch()
      },
      find: async (hash) => {
        asked.push('find')
        return raw.find(hash)
      },
    }
    return { raw: watched, sessions, asked, breakDown: raw.breakDown }
  }

  it('reads a session once while no session ends', async () => {
    const { raw, sessions, asked } = counted()
    await sessions.save(loginOf(1))
    const { find } = createSessionCache(raw)
    for (let use = 0; use < 3; use++) expect(await find(tokenOf(1), always)).to.deep.equal(loginOf(1).session)
    expect(asked).to.deep.equal(['epoch', 'find', 'epoch', 'epoch'])
  })

  it('reads the epoch once for all who ask in one turn of the event loop', async () => {
    const { raw, sessions, asked } = counted()
    for (const n of [1, 2, 3]) await sessions.save(loginOf(n))
    const { find } = createSessionCache(raw)
    const all = () => Promise.all([1, 2, 3, 1].map((n) => find(tokenOf(n), always)))
    await all()
    asked.length = 0
    expect((await all()).map((session) => session?.id)).to.deep.equal([1, 2, 3, 1].map(idOf))
    expect(asked).to.deep.equal(['epoch'])
  })

  it('reads the epoch after the last one who shares it has asked', async () => {
    const { raw, sessions } = counted()
    await sessions.save(loginOf(1))
    const { find } = createSessionCache(raw)
    await find(tokenOf(1), always)
    const first = find(tokenOf(1), always)
    await sessions.delete(tokenOf(1))
    const second = find(tokenOf(1), always)
    expect(await Promise.all([first, second])).to.deep.equal([undefined, undefined])
  })

  const endings: Record<string, (sessions: SessionRepository) => Promise<unknown>> = {
    'a logout': (sessions) => sessions.delete(tokenOf(1)),
    'the ending of one': (sessions) => sessions.endOne(ann, idOf(1)),
    'the ending of all': (sessions) => sessions.endAll(ann, endingAt(start)),
    forgetting: (sessions) => sessions.forget(ann, endingAt(start)),
    'making room': (sessions) => sessions.save(loginOf(2, ann, { maxSessions: 1 })),
  }
  for (const [name, end] of Object.entries(endings)) {
    it(`tells of ${name} in another process at once`, async () => {
      const { raw, sessions } = counted()
      await sessions.save(loginOf(1))
      const { find } = createSessionCache(raw)
      expect(await find(tokenOf(1), always)).to.be.an('object')
      await end(sessions)
      expect(await find(tokenOf(1), always)).to.equal(undefined)
    })
  }

  it('is not deceived by an ending that comes between its two reads', async () => {
    const { raw, sessions } = counted()
    await sessions.save(loginOf(1))
    let open = () => {}
    const gate = new Promise<void>((resolve) => {
      open = resolve
    })
    const { find } = createSessionCache({
      ...raw,
      async find(hash) {
        const found = await raw.find(hash)
        await gate
        return found
      },
    })
    const early = find(tokenOf(1), always)
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
    await sessions.delete(tokenOf(1))
    open()
    expect(await early, 'asked before the end').to.be.an('object')
    expect(await find(tokenOf(1), always)).to.equal(undefined)
  })

  it('reads again what ended for somebody else, and then knows it again', async () => {
    const { raw, sessions, asked } = counted()
    for (const n of [1, 2]) await sessions.save(loginOf(n))
    const { find } = createSessionCache(raw)
    await find(tokenOf(1), always)
    await sessions.delete(tokenOf(2))
    asked.length = 0
    for (let use = 0; use < 2; use++) expect(await find(tokenOf(1), always)).to.be.an('object')
    expect(asked).to.deep.equal(['epoch', 'find', 'epoch'])
  })

  it('reads what does not suffice again, and everything for who names no measure', async () => {
    const { raw, sessions } = counted()
    await sessions.save(loginOf(1))
    const { find } = createSessionCache(raw)
    await find(tokenOf(1), always)
    const used = { ...loginOf(1).session, lastSeenAt: start + 10, expiresAt: start + 1010 }
    await sessions.touch(tokenOf(1), used)
    expect(await find(tokenOf(1))).to.deep.equal(used)
    expect(await find(tokenOf(1), ({ lastSeenAt }) => lastSeenAt > start + 5)).to.deep.equal(used)
    expect(await find(tokenOf(1), always)).to.deep.equal(used)
  })

  it('does not ask whether another process has recorded a use', async () => {
    const { raw, sessions, asked } = counted()
    await sessions.save(loginOf(1))
    const { find } = createSessionCache(raw)
    for (let use = 0; use < 2; use++) await find(tokenOf(1), always, () => false)
    expect(asked).to.deep.equal(['epoch', 'find', 'epoch'])
  })

  it('never answers from memory when the epoch can not be read', async () => {
    const { raw, sessions, breakDown } = counted()
    await sessions.save(loginOf(1))
    const { find } = createSessionCache(raw)
    await find(tokenOf(1), always)
    breakDown()
    expect(await codeOf(find(tokenOf(1), always))).to.equal('storage_unavailable')
  })

  it('remembers no token that opens nothing', async () => {
    const { raw, sessions } = counted()
    const { find } = createSessionCache(raw)
    expect(await find(tokenOf(1), always)).to.equal(undefined)
    await sessions.save(loginOf(1))
    expect(await find(tokenOf(1), always)).to.be.an('object')
  })

  it('keeps those in use, and drops others where there are too many', async () => {
    const { raw, sessions, asked } = counted()
    for (let n = 1; n <= 9; n++) await sessions.save(loginOf(n))
    const { find } = createSessionCache(raw, 2)
    const isKnown = async (n: number) => {
      asked.length = 0
      await find(tokenOf(n), always)
      return !asked.includes('find')
    }
    for (let n = 1; n <= 9; n++) {
      await find(tokenOf(n), always)
      expect(await isKnown(1), `1 after ${n}`).to.equal(true)
    }
    for (const n of [2, 3]) expect(await isKnown(n), String(n)).to.equal(false)
  })

  describe('below authenticate', () => {
    const lifetime = { ttl: 100_000, maxAge: 10_000_000 }

    /** Two processes on one store, with one clock. */
    async function twoProcesses() {
      const { raw, sessions, asked } = counted()
      const time = { now: start }
      const { session } = loginOf(0, ann, { expiresAt: start + lifetime.ttl })
      await sessions.save({ ...loginOf(0), session })
      const authenticate = () =>
        createAuthenticate({
          sessions: { ...sessions, ...createSessionCache(raw) },
          lifetime,
          clock: () => time.now,
          report: () => {},
        })
      return { here: authenticate(), there: authenticate(), time, asked, sessions }
    }

    it('lets a session live that another process has prolonged', async () => {
      const { here, there, time } = await twoProcesses()
      await here(tokenOf(0))
      time.now += 50_000
      await there(tokenOf(0))
      time.now += 60_000
      expect((await here(tokenOf(0))).expiresAt).to.equal(time.now + lifetime.ttl)
    })

    it('records a use that another process has just recorded, and takes nothing back', async () => {
      const { here, there, time, sessions } = await twoProcesses()
      await here(tokenOf(0))
      time.now += 50_000
      await there(tokenOf(0))
      time.now += 500
      const used = await here(tokenOf(0))
      expect(used.lastSeenAt).to.equal(time.now)
      time.now -= 200
      await there(tokenOf(0))
      expect(await sessions.find(tokenOf(0))).to.deep.equal(used)
    })

    it('says no from the very instant a remembered session ends', async () => {
      const { here, time } = await twoProcesses()
      await here(tokenOf(0))
      time.now = start + lifetime.ttl
      expect(await codeOf(here(tokenOf(0)))).to.equal('invalid_session')
    })

    it('reads a session once, however often its use is recorded, and else only the epoch', async () => {
      const { here, time, asked, sessions } = await twoProcesses()
      for (let use = 0; use < 5; use++) {
        await here(tokenOf(0))
        expect((await sessions.find(tokenOf(0)))?.lastSeenAt).to.equal(time.now)
        time.now += 2_000
      }
      expect(asked.filter((what) => what === 'find')).to.have.lengthOf(1)
    })

    it('reads all sessions again where the record of one is gone without an ending', async () => {
      const { raw, sessions, asked } = counted()
      for (const n of [1, 2]) await sessions.save(loginOf(n))
      const { find, touch } = createSessionCache({ ...raw, touch: async () => false })
      for (const n of [1, 2]) await find(tokenOf(n), always)
      await touch(tokenOf(1), loginOf(1).session)
      asked.length = 0
      for (const n of [1, 2]) await find(tokenOf(n), always)
      expect(asked).to.deep.equal(['epoch', 'find', 'epoch', 'find'])
    })

    it('hears of uses that are recorded together only once', async () => {
      const { raw, sessions } = counted()
      for (const n of [1, 2, 3]) await sessions.save(loginOf(n))
      const [together, apart] = [Promise.resolve(true), Promise.resolve(true)]
      const { touch } = createSessionCache({
        ...raw,
        touch: (_, { lastSeenAt }) => (lastSeenAt === start ? together : apart),
      })
      const touchAt = (n: number, lastSeenAt: number) =>
        touch(tokenOf(n), { ...loginOf(n).session, lastSeenAt })
      const first = touchAt(1, start)
      expect(touchAt(2, start)).to.equal(first)
      expect(touchAt(3, start + 1)).to.not.equal(first)
    })

    it('forgets a use that could not be recorded', async () => {
      const { raw, sessions, asked } = counted()
      await sessions.save(loginOf(1))
      const { find, touch } = createSessionCache({
        ...raw,
        touch: async () => {
          throw new R3SessionError('storage_unavailable')
        },
      })
      await find(tokenOf(1), always)
      const used = { ...loginOf(1).session, lastSeenAt: start + 10, expiresAt: start + 1010 }
      expect(await codeOf(touch(tokenOf(1), used))).to.equal('storage_unavailable')
      asked.length = 0
      expect(await find(tokenOf(1), always)).to.deep.equal(loginOf(1).session)
      expect(asked).to.deep.equal(['epoch', 'find'])
    })
  })
})
