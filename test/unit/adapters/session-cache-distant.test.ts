import { expect } from 'chai'
import type { RawStore } from '#src/adapters/store/raw-store.js'
import { createSessionCache } from '#src/adapters/store/session-cache.js'
import type { SessionRepository } from '#src/domain/ports.js'
import { createFakeStore } from '../../support/store/fake-store.js'
import { ann, codeOf, endingAt, idOf, loginOf, start, tokenOf } from '../../support/store/logins.js'

describe('the cache of sessions that lie on another machine', () => {
  const always = () => true

  /** A store, and the questions that go to it. */
  function distant(epochOf = (epoch: number) => epoch) {
    const { raw, sessions } = createFakeStore()
    const asked: string[] = []
    const watched: RawStore = {
      ...raw,
      isDistant: true,
      async epoch() {
        asked.push('epoch')
        return raw.epoch()
      },
      async find(hash) {
        asked.push('find')
        return raw.find(hash)
      },
      async findWithEpoch(hash) {
        asked.push('both')
        const epoch = epochOf(await raw.epoch())
        return { epoch, session: await raw.find(hash) }
      },
    }
    return { find: createSessionCache(watched).find, sessions, asked, breakDown: raw.breakDown }
  }

  it('asks one question, whatever is known', async () => {
    const { find, sessions, asked } = distant()
    for (const n of [1, 2]) await sessions.save(loginOf(n))
    for (let use = 0; use < 3; use++) expect(await find(tokenOf(1), always)).to.deep.equal(loginOf(1).session)
    await find(tokenOf(2), always)
    await find(tokenOf(2), () => false)
    expect(asked).to.deep.equal(['both', 'epoch', 'epoch', 'both', 'both'])
  })

  it('asks whether another process has recorded a use, where it can have', async () => {
    const { find, sessions, asked } = distant()
    await sessions.save(loginOf(1))
    for (const isRecorded of [false, false, true]) await find(tokenOf(1), always, () => isRecorded)
    expect(asked).to.deep.equal(['both', 'both', 'epoch'])
  })

  it('asks twice for one alone, who is the first to hear of an ending', async () => {
    const { find, sessions, asked } = distant()
    for (const n of [1, 2, 3]) await sessions.save(loginOf(n))
    for (const n of [1, 2]) await find(tokenOf(n), always)
    await sessions.delete(tokenOf(3))
    asked.length = 0
    for (const n of [1, 2, 1, 2]) expect(await find(tokenOf(n), always)).to.be.an('object')
    expect(asked).to.deep.equal(['epoch', 'find', 'both', 'epoch', 'epoch'])
  })

  it('remembers nothing by an epoch that has passed', async () => {
    const { find, sessions } = distant((epoch) => epoch - 1)
    for (const n of [1, 2]) await sessions.save(loginOf(n))
    await sessions.delete(tokenOf(2))
    for (let use = 0; use < 2; use++) expect(await find(tokenOf(1), always)).to.be.an('object')
    await sessions.endOne(ann, idOf(1))
    expect(await find(tokenOf(1), always)).to.equal(undefined)
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
      const { find, sessions } = distant()
      await sessions.save(loginOf(1))
      for (let use = 0; use < 2; use++) expect(await find(tokenOf(1), always)).to.be.an('object')
      await end(sessions)
      expect(await find(tokenOf(1), always)).to.equal(undefined)
    })
  }

  it('never answers from memory when nothing can be asked', async () => {
    const { find, sessions, breakDown } = distant()
    await sessions.save(loginOf(1))
    await find(tokenOf(1), always)
    breakDown()
    for (const n of [1, 2]) expect(await codeOf(find(tokenOf(n), always))).to.equal('storage_unavailable')
  })
})
