import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { createWriteQueue } from '#src/adapters/sqlite/writer/queue.js'
import type { Answer, Call } from '#src/adapters/sqlite/writer/writer.js'

describe('the queue before the SQLite writer', () => {
  let batches: { names: string[]; answer(answers?: readonly Answer[]): void; fail(error: Error): void }[]
  let queue: ReturnType<typeof createWriteQueue>
  let time: number
  beforeEach(() => {
    batches = []
    time = 0
    queue = createWriteQueue(
      (calls: readonly Call[]) =>
        new Promise((resolve, reject) => {
          batches.push({
            names: calls.map(([name, args]) => `${name} ${args[0]}`),
            answer: (answers = calls.map(([, args]) => ({ result: args[0] }))) => resolve(answers),
            fail: reject,
          })
        }),
      () => time,
    )
  })

  const release = (appid: string): Promise<unknown> => queue.write('releaseToken', appid)
  const put = (appid: string): Promise<unknown> => queue.write('putToken', appid, 'sealed')
  const rehearse = (): Promise<unknown> => queue.write('rehearse')
  const answerNext = async (n: number) => {
    await sent(n)
    batches[n]?.answer()
  }
  /** A batch goes at the end of a turn. */
  const sent = async (n: number) => {
    for (let turns = 0; turns < 5 && batches[n] === undefined; turns++) await nextTurn()
  }

  it('sends together what comes in one turn, and answers each its own', async () => {
    const calls = Promise.all([release('a'), put('b'), release('c')])
    await answerNext(0)
    expect(batches.map(({ names }) => names)).to.deep.equal([
      ['releaseToken a', 'putToken b', 'releaseToken c'],
    ])
    expect(await calls).to.deep.equal(['a', 'b', 'c'])
  })

  it('waits until the turn of the event loop is over, since others may still come in it', async () => {
    const calls: Promise<unknown>[] = []
    for (const appid of ['a', 'b', 'c']) setImmediate(() => calls.push(release(appid)))
    await nextTurn()
    await answerNext(0)
    expect(batches.map(({ names }) => names)).to.deep.equal([
      ['releaseToken a', 'releaseToken b', 'releaseToken c'],
    ])
    expect(await Promise.all(calls)).to.deep.equal(['a', 'b', 'c'])
  })

  it('keeps what comes while the writer works, and sends all of it next', async () => {
    const calls = [release('a')]
    for (const appid of ['b', 'c', 'd']) {
      await nextTurn()
      calls.push(release(appid))
    }
    expect(batches).to.have.length(1)
    await answerNext(0)
    await answerNext(1)
    expect(batches[1]?.names).to.deep.equal(['releaseToken b', 'releaseToken c', 'releaseToken d'])
    expect(await Promise.all(calls)).to.deep.equal(['a', 'b', 'c', 'd'])
  })

  it('confirms nothing before the batch that holds it is answered', async () => {
    const confirmed: unknown[] = []
    for (const appid of ['a', 'b']) release(appid).then((answer) => confirmed.push(answer))
    await nextTurn()
    release('c').then((answer) => confirmed.push(answer))
    await nextTurn()
    expect(confirmed).to.deep.equal([])
    await answerNext(0)
    await nextTurn()
    expect(confirmed).to.deep.equal(['a', 'b'])
    await answerNext(1)
    await queue.settled()
    expect(confirmed).to.deep.equal(['a', 'b', 'c'])
  })

  it('sends 128 at most, so that other processes get their turn', async () => {
    const calls = Array.from({ length: 300 }, (_, n) => release(`${n}`))
    for (const n of [0, 1, 2]) await answerNext(n)
    expect(batches.map(({ names }) => names.length)).to.deep.equal([128, 128, 44])
    expect(await Promise.all(calls)).to.deep.equal(calls.map((_, n) => `${n}`))
  })

  it('lets what is done apart go alone, in its turn', async () => {
    const calls = [release('a'), release('b'), rehearse(), rehearse(), release('c')]
    for (const n of [0, 1, 2, 3]) await answerNext(n)
    await Promise.all(calls)
    expect(batches.map(({ names }) => names.length)).to.deep.equal([2, 1, 1, 1])
  })

  it('fails those in a batch that could not be run, and goes on with the next', async () => {
    const outcomes = Promise.allSettled([release('a'), release('b')])
    await nextTurn()
    const next = release('c')
    const reason = new Error('no thread')
    batches[0]?.fail(reason)
    expect(await outcomes).to.deep.equal([
      { status: 'rejected', reason },
      { status: 'rejected', reason },
    ])
    await answerNext(1)
    expect(await next).to.equal('c')
  })

  it('fails the one of a batch whose operation failed, with its code', async () => {
    const outcomes = Promise.all(
      [release('a'), release('b')].map((call) => call.catch((error) => error.code)),
    )
    await nextTurn()
    batches[0]?.answer([{ failure: 'SQLITE_FULL' }, { result: 'b' }])
    expect(await outcomes).to.deep.equal(['SQLITE_FULL', 'b'])
  })

  it('is settled once every call is answered', async () => {
    await queue.settled()
    let isSettled = false
    release('a')
    const settled = queue.settled().then(() => (isSettled = true))
    await nextTurn()
    release('b')
    await answerNext(0)
    await nextTurn()
    expect(isSettled).to.equal(false)
    await answerNext(1)
    await settled
  })

  it('fails what the writer does not answer in time, and never begins what it has not in hand', async () => {
    const failureOf = (call: Promise<unknown>) => call.catch(({ code }: { code: string }) => code)
    const [inHand, next] = [failureOf(release('a')), failureOf(rehearse())]
    await sent(0)
    time = 2_500
    const fresh = release('b')
    // It looks twice a second.
    expect(await Promise.all([inHand, next])).to.deep.equal(['WRITE_TOO_SLOW', 'WRITE_TOO_SLOW'])
    await answerNext(0)
    await answerNext(1)
    expect(await fresh).to.equal('b')
    expect(batches.map(({ names }) => names)).to.deep.equal([['releaseToken a'], ['releaseToken b']])
    await queue.settled()
  })

  it('refuses what is more than may wait', async () => {
    const calls = Array.from({ length: 10_001 }, (_, n) => release(`${n}`).catch(({ code }) => code))
    expect(await calls.at(-1)).to.equal('WRITES_TOO_MANY')
    for (let n = 0; n < 10_000 / 128; n++) await answerNext(n)
    expect(await calls[9_999]).to.equal('9999')
  })
})
