import { expect } from 'chai'
import fc from 'fast-check'
import { type CircuitChange, createBreaker, NotAsked, NotReached } from '#src/adapters/wechat/breaker.js'
import { R3SessionError } from '#src/domain/errors.js'

const notReached = () => new NotReached('wechat_unreachable', { facts: { reason: 'ECONNREFUSED' } })
const answered = () => new R3SessionError('code_invalid', { facts: { errcode: 40029 } })
const notAsked = () => new NotAsked('wechat_unreachable')

/** A breaker on a clock that moves when it is told to, and calls that end when and as they are told to. */
function setUp() {
  const time = { now: 0 }
  const changes: CircuitChange[] = []
  const breaker = createBreaker({ now: () => time.now, changed: (change) => changes.push(change) })

  /** Begins a call; says whether it was made, and gives the means to end it. */
  function begin() {
    let end: (error?: Error) => void = () => {}
    let made = false
    const call = breaker.run(() => {
      made = true
      return new Promise<string>((resolve, reject) => {
        end = (error) => (error === undefined ? resolve('answer') : reject(error))
      })
    })
    const outcome = call.catch((error: unknown) => error)
    return {
      made,
      outcome,
      async end(error?: Error): Promise<unknown> {
        end(error)
        return outcome
      },
    }
  }

  async function fails(times: number): Promise<void> {
    for (let n = 0; n < times; n++) await begin().end(notReached())
  }

  return { breaker, time, changes, begin, fails }
}

describe('the circuit breaker', () => {
  it('gives what the call gives, or fails with', async () => {
    const { begin } = setUp()
    expect(await begin().end()).to.equal('answer')
    const error = answered()
    expect(await begin().end(error)).to.equal(error)
  })

  it('makes no call for 5 s after 5 in a row that did not reach WeChat, and says why at once', async () => {
    const { breaker, time, begin, fails } = setUp()
    await fails(4)
    expect(breaker.state()).to.equal('closed')
    await fails(1)
    expect(breaker.state()).to.equal('open')
    for (const now of [0, 1, 4_999]) {
      time.now = now
      const refused = begin()
      expect(refused.made).to.equal(false)
      const error = await refused.outcome
      expect(error).to.be.instanceOf(R3SessionError)
      expect(error).to.deep.include({ code: 'wechat_unreachable', facts: { reason: 'circuit open' } })
    }
    time.now = 5_000
    expect(begin().made).to.equal(true)
  })

  it('counts a row only: any answer begins a new one', async () => {
    for (const answer of [undefined, answered(), new TypeError('in what read the answer')]) {
      const { breaker, begin, fails } = setUp()
      await fails(4)
      await begin().end(answer)
      await fails(4)
      expect(breaker.state()).to.equal('closed')
      await fails(1)
      expect(breaker.state()).to.equal('open')
    }
  })

  it('takes a call that was never our turn for neither', async () => {
    const { breaker, begin, fails } = setUp()
    for (let n = 0; n < 10; n++) await begin().end(notAsked())
    expect(breaker.state()).to.equal('closed')
    await fails(4)
    await begin().end(notAsked())
    await fails(1)
    expect(breaker.state()).to.equal('open')
  })

  it('lets a single one try, while the others fail at once', async () => {
    const { breaker, time, begin, fails } = setUp()
    await fails(5)
    time.now = 5_000
    const trial = begin()
    expect(breaker.state()).to.equal('half_open')
    time.now = 60_000
    for (let n = 0; n < 3; n++) expect(begin().made).to.equal(false)
    await trial.end()
    expect(breaker.state()).to.equal('closed')
    expect([begin(), begin()].map(({ made }) => made)).to.deep.equal([true, true])
  })

  it('is closed by an answer that is an error, and needs 5 failures again', async () => {
    const { breaker, time, begin, fails } = setUp()
    await fails(5)
    time.now = 5_000
    await begin().end(answered())
    expect(breaker.state()).to.equal('closed')
    await fails(4)
    expect(breaker.state()).to.equal('closed')
    await fails(1)
    expect(breaker.state()).to.equal('open')
  })

  it('rests for another 5 s when the trial fails', async () => {
    const { breaker, time, begin, fails } = setUp()
    await fails(5)
    time.now = 5_000
    const trial = begin()
    time.now = 9_000
    await trial.end(notReached())
    expect(breaker.state()).to.equal('open')
    time.now = 13_999
    expect(begin().made).to.equal(false)
    time.now = 14_000
    expect(begin().made).to.equal(true)
  })

  it('leaves the trial to the next call when one did not get its turn', async () => {
    const { breaker, time, begin, fails } = setUp()
    await fails(5)
    time.now = 5_000
    await begin().end(notAsked())
    expect(breaker.state()).to.equal('open')
    const trial = begin()
    expect(trial.made).to.equal(true)
    await trial.end()
    expect(breaker.state()).to.equal('closed')
  })

  for (const [name, late] of [
    ['success', undefined],
    ['failure', notReached()],
  ] as const) {
    it(`is told nothing by the late ${name} of a call from before the opening`, async () => {
      const { breaker, time, begin, fails } = setUp()
      const early = Array.from({ length: 7 }, begin)
      await fails(5)
      await early[0]?.end(late)
      expect(breaker.state()).to.equal('open')
      time.now = 5_000
      const trial = begin()
      await early[1]?.end(late)
      expect(breaker.state()).to.equal('half_open')
      expect(begin().made).to.equal(false)
      await trial.end()
      for (const call of early.slice(2)) await call.end(late)
      expect(breaker.state()).to.equal('closed')
    })
  }

  it('tells when it opens and when it closes, and nothing of the trials between', async () => {
    const { time, changes, begin, fails } = setUp()
    time.now = 1_000
    await fails(5)
    begin()
    for (const now of [6_000, 11_000, 16_000]) {
      time.now = now
      await begin().end(notReached())
      begin()
    }
    time.now = 21_000
    await begin().end()
    await begin().end()
    expect(changes).to.deep.equal([
      { state: 'open', reason: 'ECONNREFUSED' },
      { state: 'closed', after: 20_000, refused: 4 },
    ])
  })

  it('never makes two calls at once, nor any within 5 s of the last failure, whatever happens', async () => {
    const steps = fc.array(
      fc.record({
        waits: fc.integer({ min: 0, max: 4_000 }),
        does: fc.constantFrom('begin', 'succeed', 'fail', 'miss'),
        which: fc.nat(5),
      }),
      { maxLength: 60 },
    )
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const { breaker, time, begin, fails } = setUp()
        await fails(5)
        let failedAt = time.now
        let underWay: ReturnType<typeof begin>[] = []
        for (const { waits, does, which } of all) {
          time.now += waits
          if (does === 'begin') {
            const isOpen = breaker.state() !== 'closed'
            const call = begin()
            if (!call.made) continue
            if (isOpen) {
              expect(time.now - failedAt).to.be.at.least(5_000)
              expect(underWay).to.have.length(0)
            }
            underWay.push(call)
          } else {
            const call = underWay[which % Math.max(1, underWay.length)]
            if (call === undefined) continue
            underWay = underWay.filter((other) => other !== call)
            const wasOpen = breaker.state() !== 'closed'
            await call.end({ succeed: undefined, fail: notReached(), miss: notAsked() }[does])
            // What began before an opening may go on; it is of no account here.
            if (does === 'fail' && (wasOpen || breaker.state() === 'open')) failedAt = time.now
            if (!wasOpen && breaker.state() === 'open') underWay = []
          }
        }
      }),
    )
  })
})
