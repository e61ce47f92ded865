import { setImmediate as nextEvent } from 'node:timers/promises'
import { expect } from 'chai'
import type { Connections } from '#src/adapters/sqlite/connections.js'
import { createReadsTogether } from '#src/adapters/sqlite/reads-together.js'

describe('reads of a SQLite store', () => {
  let done: string[]
  let isClosed: boolean
  beforeEach(() => {
    done = []
    isClosed = false
  })

  function reads() {
    const db = {
      inTransaction: false,
      prepare: (sql: string) => ({
        run() {
          if (isClosed) throw new TypeError('The database connection is not open')
          done.push(sql)
          db.inTransaction = sql === 'BEGIN'
        },
      }),
    }
    const read = async <T>(statement: () => T) => statement()
    const connections = { db, read, isClosed: () => isClosed } as unknown as Connections
    const together = createReadsTogether(connections, () => done.push('shared'))
    return (name: string) =>
      together((readOnce) => {
        if (name === 'sharing') return `${readOnce()}`
        done.push(name)
        if (name === 'broken') throw new Error(name)
        return name
      })
  }

  it('are done in one transaction where one turn of the event loop asks for them, each answered its own', async () => {
    const read = reads()
    const later = async (name: string, turns: number) => {
      for (let turn = 0; turn < turns; turn++) await undefined
      return read(name)
    }
    const answers = await Promise.all([later('a', 0), later('b', 3), later('c', 9)])
    expect(answers).to.deep.equal(['a', 'b', 'c'])
    expect(done).to.deep.equal(['BEGIN', 'a', 'b', 'c', 'ROLLBACK'])
  })

  it('never begin before the last of them was asked for, and leave no transaction to the next event', async () => {
    const read = reads()
    const first = Promise.all([read('a'), read('b')])
    expect(done).to.deep.equal([])
    await first
    await nextEvent()
    await Promise.all([read('c'), read('d')])
    expect(done).to.deep.equal(['BEGIN', 'a', 'b', 'ROLLBACK', 'BEGIN', 'c', 'd', 'ROLLBACK'])
  })

  it('take no transaction of their own where one comes alone', async () => {
    const read = reads()
    expect(await read('a')).to.equal('a')
    expect(done).to.deep.equal(['a'])
  })

  it('share what several of them need, which is read once in each transaction', async () => {
    const read = reads()
    const names = ['a', 'sharing', 'sharing']
    expect(await Promise.all(names.map(read))).to.deep.equal(['a', '3', '3'])
    expect(await Promise.all(names.map(read))).to.deep.equal(['a', '7', '7'])
    expect(done).to.deep.equal([...Array(2)].flatMap(() => ['BEGIN', 'a', 'shared', 'ROLLBACK']))
  })

  it('fail alone, and end the transaction', async () => {
    const read = reads()
    const outcomes = await Promise.allSettled([read('a'), read('broken'), read('c')])
    expect(outcomes.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected', 'fulfilled'])
    expect(done).to.deep.equal(['BEGIN', 'a', 'broken', 'c', 'ROLLBACK'])
  })

  it('touch nothing once the store is closed', async () => {
    const read = reads()
    isClosed = true
    expect(await Promise.all([read('a'), read('b')])).to.deep.equal(['a', 'b'])
    expect(done).to.deep.equal(['a', 'b'])
  })
})
