import { expect } from 'chai'
import { R3SessionError } from '#src/domain/errors.js'
import type { DomainEvent } from '#src/domain/events.js'
import { createLimit, type Limit } from '#src/domain/limits/limit.js'
import { createFakeStore } from '../../support/store/fake-store.js'
import { broken, failure } from '../../support/use-cases.js'

describe('a limit', () => {
  const MINUTE = 60_000
  function setUp(most: number) {
    const time = { now: 1_700_000_000_000 }
    const events: DomainEvent[] = []
    const deps = { clock: () => time.now, report: (event: DomainEvent) => void events.push(event) }
    const { counters } = createFakeStore()
    return { time, events, ...deps, limit: createLimit('logins', { ...deps, most, counters }) }
  }

  /** Takes one if there is one, as a route does. */
  async function take(limit: Limit, who: string): Promise<void> {
    const left = await limit(who)
    left.check()
    await left.take()
  }

  it('lets so many through, and then nobody of that name until the window is over', async () => {
    const { limit, time } = setUp(3)
    for (let n = 0; n < 3; n++) {
      await take(limit, 'ann')
      time.now += 1000
    }
    expect(await failure(take(limit, 'ann'))).to.equal('rate_limited')
    await take(limit, 'ben')
    time.now += MINUTE - 3001
    expect(await failure(take(limit, 'ann'))).to.equal('rate_limited')
    time.now += 1
    for (let n = 0; n < 3; n++) await take(limit, 'ann')
    expect(await failure(take(limit, 'ann'))).to.equal('rate_limited')
  })

  it('knows of whom something was counted lately', async () => {
    const { limit, time } = setUp(3)
    expect((await limit('ann')).isTouched()).to.equal(false)
    await take(limit, 'ann')
    expect((await limit('ann')).isTouched()).to.equal(true)
    time.now += MINUTE
    expect((await limit('ann')).isTouched()).to.equal(false)
  })

  it('counts nobody who was refused: who waits for as long as they are told comes in', async () => {
    const { limit, time } = setUp(1)
    await take(limit, 'ann')
    for (let n = 0; n < 100; n++) expect(await failure(take(limit, 'ann'))).to.equal('rate_limited')
    time.now += MINUTE
    await take(limit, 'ann')
  })

  it('says how many seconds to wait, at least one, and by which setting', async () => {
    const { limit, time } = setUp(1)
    await take(limit, 'ann')
    for (const [passed, left] of [
      [0, 60],
      [500, 60],
      [1000, 59],
      [59_000, 1],
      [59_999, 1],
    ] as const) {
      const now = time.now
      time.now += passed
      const error = await take(limit, 'ann').catch((reason: unknown) => reason)
      expect(error).to.be.instanceOf(R3SessionError)
      expect(error).to.include({ code: 'rate_limited', retryAfter: left })
      expect((error as R3SessionError).facts).to.deep.equal({ reason: 'LIMIT_LOGINS' })
      time.now = now
    }
  })

  it('holds for those who come at once', async () => {
    const { limit } = setUp(5)
    const all = await Promise.all(Array.from({ length: 50 }, () => failure(take(limit, 'ann'))))
    expect(all.filter((code) => code === undefined)).to.have.length(5)
  })

  it('reports whom it made wait, and nothing else', async () => {
    const { limit, events } = setUp(1)
    await take(limit, 'ann')
    expect(events).to.deep.equal([])
    await failure(take(limit, 'ann'))
    expect(events).to.deep.equal([{ type: 'limited', limit: 'logins' }])
  })

  it('is none where it is 0, and asks no store then', async () => {
    const { clock, report } = setUp(0)
    const limit = createLimit('logins', { most: 0, counters: { counter: broken }, clock, report })
    for (let n = 0; n < 1000; n++) await take(limit, 'ann')
    expect((await limit('ann')).isTouched()).to.equal(false)
  })

  it('goes on by what this process knows where the store takes nothing, and reports that', async () => {
    const { clock, report, events } = setUp(2)
    let count = 0
    const counter = {
      at: () => ({ count, until: clock() + MINUTE }),
      add() {
        count++
        return broken()
      },
    }
    const limit = createLimit('logins', {
      most: 2,
      counters: { counter: async () => counter },
      clock,
      report,
    })
    await take(limit, 'ann')
    await take(limit, 'ann')
    expect(await failure(take(limit, 'ann'))).to.equal('rate_limited')
    expect(events.map(({ type }) => type)).to.deep.equal(['failure', 'failure', 'limited'])
    expect(events[0]).to.include({ of: 'counting for a limit' })
  })
})
