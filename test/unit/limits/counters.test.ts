import { expect } from 'chai'
import { createCounters } from '#src/adapters/store/counters.js'
import type { Addition, RawStore } from '#src/adapters/store/raw-store.js'
import { createMapStore } from '../../support/store/map-store.js'

const now = 1_700_000_000_000
const exact = { window: 1000, isExact: true }
const gathered = { window: 1000, isExact: false }
const sealer = { digest: (text: string) => Buffer.from(text.padEnd(32)) }

/** Counters over a store that answers additions only when it is told to, where `holds`. */
function setUp({ holds = false } = {}) {
  const raw = createMapStore()
  const sent: (readonly Addition[])[] = []
  const held: (() => void)[] = []
  const reads: string[] = []
  const watched: Pick<RawStore, 'counted' | 'addCounts'> = {
    counted(name) {
      reads.push(Buffer.from(name).toString().trim())
      return raw.counted(name)
    },
    async addCounts(additions) {
      sent.push(additions)
      if (holds) await new Promise<void>((resolve) => held.push(resolve))
      return raw.addCounts(additions)
    },
  }
  return {
    ...createCounters(watched, sealer),
    raw,
    sent,
    reads,
    release: () => held.splice(0).map((go) => go()),
  }
}

describe('counters over a store', () => {
  it('write what is gathered in one call, a name once', async () => {
    const { counters, sent } = setUp()
    const [ann, ben] = [await counters.counter('ann', gathered), await counters.counter('ben', gathered)]
    const all = [ann, ben, ann, ann].map((counter) => counter.add(now))
    expect(sent).to.deep.equal([])
    await Promise.all(all)
    expect(sent.map((additions) => additions.map(({ count }) => count))).to.deep.equal([[3, 1]])
  })

  it('write what is exact at once, and what was gathered with it', async () => {
    const { counters, sent } = setUp()
    const [ann, ben] = [await counters.counter('ann', gathered), await counters.counter('ben', exact)]
    void ann.add(now)
    void ben.add(now)
    expect(sent.map((additions) => additions.length)).to.deep.equal([2])
  })

  it('gather a thousand names at most', async () => {
    const { counters, sent } = setUp()
    for (let n = 0; n < 1000; n++) void (await counters.counter(`name ${n}`, gathered)).add(now)
    expect(sent.map((additions) => additions.length)).to.deep.equal([1000])
  })

  it('ask the store at every look, unless it is about to tell anyway', async () => {
    const { counters, reads, release } = setUp({ holds: true })
    const ann = await counters.counter('ann', exact)
    await counters.counter('ann', exact)
    expect(reads).to.have.length(2)
    const added = ann.add(now)
    await counters.counter('ann', exact)
    expect(reads).to.have.length(2)
    release()
    await added
    await counters.counter('ann', exact)
    expect(reads).to.have.length(3)
  })

  it('forget what was counted in a window that is over, whether the store was told or not', async () => {
    for (const holds of [false, true]) {
      const { counters, flush, release, raw } = setUp({ holds })
      const ann = await counters.counter('ann', gathered)
      void ann.add(now)
      void ann.add(now + 999)
      expect(ann.at(now + 999)).to.deep.equal({ count: 2, until: now + 1000 })
      expect(ann.at(now + 1000).count).to.equal(0)
      const added = ann.add(now + 1000)
      expect(ann.at(now + 1000)).to.deep.equal({ count: 1, until: now + 2000 })
      flush()
      release()
      await added
      expect((await counters.counter('ann', gathered)).at(now + 1000).count).to.equal(1)
      expect(await raw.counted(sealer.digest('ann'))).to.deep.equal({ count: 1, until: now + 2000 })
    }
  })

  it('let nobody go whose count waits for the store, however many new names come', async () => {
    const { counters, release } = setUp({ holds: true })
    const ann = await counters.counter('ann', exact)
    const added = ann.add(now)
    for (let n = 0; n < 12_000; n++) await counters.counter(`name ${n}`, gathered)
    expect((await counters.counter('ann', exact)).at(now).count).to.equal(1)
    release()
    await added
    for (let n = 0; n < 12_000; n++) await counters.counter(`other ${n}`, gathered)
    // It may be forgotten here by now; the store knows.
    expect((await counters.counter('ann', exact)).at(now).count).to.equal(1)
  })

  it('take no more names than ten thousand where the store does not answer, but those that are exact', async () => {
    const { counters, release, sent } = setUp({ holds: true })
    for (let n = 0; n < 12_000; n++) void (await counters.counter(`name ${n}`, gathered)).add(now)
    const count = async (name: string, counting = gathered) =>
      (await counters.counter(name, counting)).at(now).count
    expect(await count('name 9999')).to.equal(1)
    expect(await count('name 11999'), 'is counted once the store has it').to.equal(0)
    void (await counters.counter('ann', exact)).add(now)
    expect(await count('ann', exact)).to.equal(1)
    release()
    await Promise.all(sent)
    await new Promise(setImmediate)
    expect(await count('name 11999')).to.equal(1)
  })
})
