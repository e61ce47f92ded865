import { expect } from 'chai'
import { sqliteError } from '#src/adapters/sqlite/driver.js'
import { insist } from '#src/adapters/sqlite/writer/insist.js'

describe('the thread that writes, while another process has the lock,', () => {
  function failing(times: number, code = 'SQLITE_BUSY') {
    const work = () => {
      work.tries++
      if (work.tries <= times) throw sqliteError(code)
      return 'done'
    }
    work.tries = 0
    return work
  }

  it('tries again at once, several times', () => {
    for (const code of ['SQLITE_BUSY', 'SQLITE_BUSY_SNAPSHOT']) {
      const work = failing(14, code)
      expect(insist(work)).to.equal('done')
      expect(work.tries).to.equal(15)
    }
  })

  it('leaves it to others to try further', () => {
    const work = failing(1000)
    expect(() => insist(work))
      .to.throw()
      .with.property('code', 'SQLITE_BUSY')
    expect(work.tries).to.equal(15)
  })

  it('takes any other failure as it is', () => {
    const work = failing(1, 'SQLITE_FULL')
    expect(() => insist(work))
      .to.throw()
      .with.property('code', 'SQLITE_FULL')
    expect(work.tries).to.equal(1)
  })
})
