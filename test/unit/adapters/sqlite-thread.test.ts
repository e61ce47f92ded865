import { once } from 'node:events'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import { expect } from 'chai'
import type { Database } from '#src/adapters/sqlite/driver.js'
import { openDatabase } from '#src/adapters/sqlite/file/open-file.js'
import { createWriteQueue } from '#src/adapters/sqlite/writer/queue.js'
import { createWriterThread } from '#src/adapters/sqlite/writer/thread.js'
import { temporaryFolder } from '../../support/service/spawn-service.js'
import { endingAt } from '../../support/store/logins.js'
import { openSqliteStore } from '../../support/store/open-sqlite-store.js'

describe('the thread of the SQLite writer', () => {
  let folder: ReturnType<typeof temporaryFolder>
  let path: string
  let db: Database
  let threads: Worker[]
  const onWorker = (worker: Worker) => threads.push(worker)
  beforeEach(() => {
    folder = temporaryFolder()
    path = join(folder.path, 'sessions.db')
    db = openDatabase(path, { besides: [], prepare: () => {} }).db
    threads = []
    process.on('worker', onWorker)
  })
  afterEach(() => {
    process.off('worker', onWorker)
    db.close()
    folder.remove()
  })

  const writerAt = (at: string, idle: number) => {
    const { run, close } = createWriterThread(at, idle)
    const { write, settled } = createWriteQueue(run, () => 0)
    return { write, close: () => settled().then(() => close(true)) }
  }
  const failureOf = (call: Promise<unknown>) => call.catch((reason: unknown) => reason)

  it('starts at the first call and is kept for the next', async () => {
    const { write, close } = writerAt(path, 60_000)
    expect(threads).to.have.length(0)
    await Promise.all([write('rehearse'), write('rehearse')])
    await write('rehearse')
    expect(threads).to.have.length(1)
    await close()
  })

  it('ends when no call came for a while, and starts again at the next', async () => {
    const { write, close } = writerAt(path, 1)
    for (let n = 1; n <= 3; n++) {
      expect(await write('endAll', { appid: 'wx', openid: 'o' }, { ...endingAt(n), forget: false })).to.equal(
        0,
      )
      const latest = threads.at(-1)
      // The timer may have gone off already, and the thread with it.
      if (latest && latest.threadId !== -1) await once(latest, 'exit')
      expect(db.prepare('SELECT value FROM epoch').pluck().get()).to.equal(n)
      expect(threads).to.have.length(n)
    }
    await close()
  })

  it('loses no call that comes while it ends', async () => {
    const { sessions, close } = openSqliteStore({ path, clock: () => 0, idle: 0 })
    const calls: Promise<unknown>[] = []
    for (let n = 0; n < 60; n++) {
      calls.push(sessions.endAll({ appid: 'wx', openid: 'o' }, endingAt(n)))
      if (n % 7 === 0) await calls.at(-1)
      if (n % 3 === 0) await nextTurn()
    }
    await Promise.all(calls)
    expect(await sessions.epoch()).to.equal(60)
    await close()
    expect(threads.length).to.be.greaterThan(1)
    expect(threads.map(({ threadId }) => threadId)).to.deep.equal(threads.map(() => -1))
  })

  it('answers every call before it is closed, and is gone then', async () => {
    const { write, close } = writerAt(path, 60_000)
    const calls = Array.from({ length: 20 }, (_, n) =>
      write('endAll', { appid: 'wx', openid: 'o' }, { ...endingAt(n), forget: false }),
    )
    await close()
    expect(await Promise.all(calls)).to.have.length(20)
    expect(threads.map(({ threadId }) => threadId)).to.deep.equal([-1])
  })

  it('is not started by being closed', async () => {
    await writerAt(path, 60_000).close()
    expect(threads).to.have.length(0)
  })

  it('is replaced when it broke, after failing what it was asked with a code', async () => {
    const { write, close } = writerAt(path, 60_000)
    await write('rehearse')
    const defect = 'no such operation' as 'rehearse'
    const together = [write(defect), write('endOne', { appid: 'wx', openid: 'o' }, 'id')].map(failureOf)
    const next = write('rehearse')
    for (const error of await Promise.all(together))
      expect(error).to.include({ name: 'SqliteError', code: 'WRITER_THREAD_ENDED by TypeError' })
    expect(await next).to.equal(undefined)
    expect(await write('rehearse')).to.equal(undefined)
    expect(threads).to.have.length(2)
    await close()
  })

  it('fails every call, with a code, where there is no database', async () => {
    const { write, close } = writerAt(join(folder.path, 'other.db'), 60_000)
    for (let n = 0; n < 2; n++) {
      const error = await failureOf(write('rehearse'))
      expect(error).to.include({ name: 'SqliteError', code: 'SQLITE_CANTOPEN' })
    }
    await close()
  })
})
