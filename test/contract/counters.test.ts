import { expect } from 'chai'
import type { RawStore } from '#src/adapters/store/raw-store.js'
import type { Counter, Counting } from '#src/domain/limits/counters.js'
import type { Repositories } from '#src/domain/ports.js'
import { codeOf, loginOf, start } from '../support/store/logins.js'
import { describeEachStore } from './stores.js'

const exact: Counting = { window: 1000, isExact: true }
const gathered: Counting = { window: 1000, isExact: false }

describeEachStore('Counters', (current) => {
  const here = (name = 'name', counting = exact) => current().here.counters.counter(name, counting)
  const there = (name = 'name', counting = exact) => current().there.counters.counter(name, counting)
  const count = (counter: Counter, now = start) => counter.at(now).count

  it('count each name from nothing', async () => {
    const counter = await here()
    expect(count(counter)).to.equal(0)
    await counter.add(start)
    await counter.add(start)
    expect(count(counter)).to.equal(2)
    expect(count(await here('another'))).to.equal(0)
  })

  for (const counting of [exact, gathered]) {
    const kind = counting.isExact ? 'exact' : 'gathered'

    it(`know at once in the same process, whoever holds the counter: ${kind}`, async () => {
      const [one, other] = await Promise.all([here('name', counting), here('name', counting)])
      const added = one.add(start)
      expect([count(one), count(other), count(await here('name', counting))]).to.deep.equal([1, 1, 1])
      await added
      expect([count(one), count(other), count(await here('name', counting))]).to.deep.equal([1, 1, 1])
    })

    it(`know in another process when add has resolved: ${kind}`, async () => {
      const counter = await here('name', counting)
      await Promise.all([counter.add(start), counter.add(start), counter.add(start)])
      expect(count(await there('name', counting))).to.equal(3)
    })

    it(`lose nothing that two processes count at once: ${kind}`, async () => {
      const both = await Promise.all([here('name', counting), there('name', counting)])
      await Promise.all(Array.from({ length: 40 }, (_, n) => both[n % 2]?.add(start)))
      expect(count(await here('name', counting))).to.equal(40)
      expect(count(await there('name', counting))).to.equal(40)
    })
  }

  it('are never above what was counted, not while it is written either', async () => {
    const counter = await here()
    for (let n = 1; n <= 20; n++) {
      const added = counter.add(start)
      expect(count(counter)).to.equal(n)
      expect(count(await here())).to.equal(n)
      await added
    }
  })

  it('run for a window from the first on, and begin anew after it', async () => {
    const counter = await here()
    await counter.add(start)
    await counter.add(start + 999)
    expect((await there()).at(start + 999)).to.deep.equal({ count: 2, until: start + 1000 })
    expect(count(await there(), start + 1000)).to.equal(0)
    expect(count(counter, start + 1000)).to.equal(0)
    await (await there()).add(start + 1500)
    expect((await here()).at(start + 1500)).to.deep.equal({ count: 1, until: start + 2500 })
  })

  it('end where the clock was set back, instead of running until it comes to where it was', async () => {
    await (await here()).add(start + 60_000)
    expect(count(await there(), start)).to.equal(0)
    await (await there()).add(start)
    expect((await here()).at(start)).to.deep.equal({ count: 1, until: start + 1000 })
  })

  it('are written together with a login, without a write of their own', async () => {
    const written: string[] = []
    const counting = (raw: RawStore): RawStore => ({
      ...raw,
      save: (login) => {
        written.push('save')
        return raw.save(login)
      },
      addCounts: (additions) => {
        written.push('counts')
        return raw.addCounts(additions)
      },
    })
    const store: Repositories = current().over(counting(current().raw))
    void (await store.counters.counter('name', gathered)).add(start)
    await store.sessions.save(loginOf(1))
    expect(written).to.deep.equal(['counts', 'save'])
    expect(count(await there('name', gathered))).to.equal(1)
  })

  it('go on in this process where the store takes nothing, and tell it later', async () => {
    let isBroken = true
    const { raw } = current()
    const store = current().over({
      ...raw,
      addCounts: (additions) => (isBroken ? Promise.reject(new Error('full')) : raw.addCounts(additions)),
    })
    const counter = await store.counters.counter('name', exact)
    await counter.add(start).catch(() => {})
    await counter.add(start).catch(() => {})
    expect(count(await store.counters.counter('name', exact))).to.equal(2)
    expect(count(await there())).to.equal(0)
    isBroken = false
    await counter.add(start)
    expect(count(await there())).to.equal(3)
  })

  it('fail with storage_unavailable where the store is out of reach', async () => {
    const counter = await here()
    await current().breakDown()
    expect(await codeOf(counter.add(start))).to.equal('storage_unavailable')
    expect(await codeOf(here('another'))).to.equal('storage_unavailable')
    expect(count(counter)).to.equal(1)
  })
})
