import { expect } from 'chai'
import { share } from '../share.js'
import { type Fault, type Result, textOf } from './fault.js'
import { tasks as allTasks } from './table.js'
import { playAll } from './task.js'

const tasks = allTasks.slice(-Math.ceil(allTasks.length * share))

/** All are played before the first of these tests, several at once; each test then looks at one. */
describe('the service', () => {
  let results: ReadonlyMap<Fault, Result>
  before(async function () {
    this.timeout(600_000)
    results = await playAll(tasks)
  })

  const all = tasks.flatMap(({ faults }) => faults)
  for (const fault of all) {
    const { group, name, expected } = fault
    const wanted = Object.entries(expected).map(([what, value]) => `${what} ${textOf(value)}`)
    it(`holds under ${group}, ${name}: ${wanted.join('; ')}`, function () {
      const { misses = ['it was not played'], missing = [] } = results.get(fault) ?? {}
      if (missing.length > 0) this.skip()
      expect(misses).to.deep.equal([])
    })
  }

  it('is put through 60 faults, no two of one name', () => {
    expect(new Set(all.map(({ group, name }) => `${group} ${name}`)).size).to.equal(all.length)
    if (share === 1) expect(all).to.have.lengthOf.at.least(60)
  })
})
