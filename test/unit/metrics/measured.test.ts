import { expect } from 'chai'
import { measured } from '#src/app/metrics/measured.js'

describe('an object whose calls are measured', () => {
  const failure = new Error('no')
  const shared = Promise.resolve()
  const subject = {
    add: async (one: number, other: number) => one + other,
    fail: async () => {
      throw failure
    },
    close: () => 'closed',
    pass: async () => 'passed',
    share: () => shared,
    limit: 3,
  }

  function start() {
    let now = 0
    const told: unknown[][] = []
    // Every look at the clock takes 5 ms.
    const monotonic = () => {
      now += 5
      return now
    }
    return { told, object: measured(subject, monotonic, (...what) => told.push(what), ['pass']) }
  }

  it('does what it did', async () => {
    const { object } = start()
    expect(await object.add(1, 2)).to.equal(3)
    expect(await object.fail().catch((error: unknown) => error)).to.equal(failure)
    expect(object.close()).to.equal('closed')
    expect(await object.pass()).to.equal('passed')
    expect(object.limit).to.equal(3)
  })

  it('tells how long each call took, and what it failed with', async () => {
    const { object, told } = start()
    await object.add(1, 2)
    await object.fail().catch(() => {})
    expect(told).to.deep.equal([
      ['add', 5],
      ['fail', 5, failure],
    ])
  })

  it('tells once of calls in a row that share a promise, and anew when that has ended', async () => {
    const { object, told } = start()
    expect(object.share()).to.equal(object.share())
    await object.share()
    expect(told).to.deep.equal([['share', 15]])
    await object.share()
    expect(told).to.deep.equal([
      ['share', 15],
      ['share', 5],
    ])
  })

  it('tells nothing of calls that wait for nothing, nor of those that are not to be measured', async () => {
    const { object, told } = start()
    object.close()
    await object.pass()
    expect(told).to.deep.equal([])
  })
})
