import { expect } from 'chai'
import { openConnection } from '#src/adapters/sqlite/driver.js'
import { migrate } from '#src/adapters/sqlite/schema.js'
import { createCountWriter } from '#src/adapters/sqlite/writer/counts.js'

describe('the table of counts', () => {
  const start = 1_700_000_000_000
  const window = 60_000
  let db: ReturnType<typeof openConnection>
  beforeEach(() => {
    db = openConnection(':memory:')
    migrate(db)
  })
  afterEach(() => db.close())

  const addition = (name: string, now: number, isOptional: boolean) => {
    return { name: Buffer.from(name), count: 1, now, until: now + window, isOptional }
  }
  const names = () => db.prepare('SELECT name FROM counts ORDER BY name').pluck().all().map(String)

  function setUp(most: number) {
    const { addCounts } = createCountWriter(db, most)
    return (name: string, { now = start, isOptional = true } = {}) =>
      addCounts([addition(name, now, isOptional)])[0]
  }

  it('takes no new name when it is full, and lets none go that is counted', () => {
    const add = setUp(3)
    for (const name of ['a', 'b', 'c']) add(name)
    for (let n = 0; n < 100; n++) expect(add(`new ${n}`)).to.deep.equal({ count: 1, until: start + window })
    expect(names()).to.deep.equal(['a', 'b', 'c'])
    expect(add('a')).to.deep.equal({ count: 2, until: start + window })
  })

  it('takes whatever has to be exact', () => {
    const add = setUp(3)
    for (const name of ['a', 'b', 'c', 'd']) add(name)
    add('e', { isOptional: false })
    add('e', { isOptional: false })
    expect(add('e', { isOptional: false })?.count).to.equal(3)
    expect(names()).to.deep.equal(['a', 'b', 'c', 'e'])
  })

  it('makes room of what has ended, and looks for that once a second at most', () => {
    const add = setUp(3)
    add('a')
    for (const name of ['b', 'c', 'd']) add(name, { now: start + 500 })
    add('e', { now: start + window })
    expect(names()).to.deep.equal(['b', 'c', 'e'])
    add('f', { now: start + window + 499 })
    add('g', { now: start + window + 500 })
    expect(names(), 'it was full a moment ago').to.deep.equal(['b', 'c', 'e'])
    add('h', { now: start + window + 1499 })
    expect(names()).to.deep.equal(['e', 'h'])
  })

  it('counts the rows that others have made', () => {
    const [one, other] = [setUp(3), setUp(3)]
    for (const name of ['a', 'b']) one(name)
    for (const name of ['c', 'd']) other(name)
    expect(names()).to.deep.equal(['a', 'b', 'c'])
  })
})
