import { expect } from 'chai'
import { createSteadyClock } from '#src/app/clock.js'

const MINUTE = 60_000
const YEAR = 365 * 24 * 60 * MINUTE
const START = Date.UTC(2026, 2, 1)

describe('the clock of the service', () => {
  let wall: number
  let passed: number
  beforeEach(() => {
    wall = START
    passed = 0
  })

  const create = (mark?: number) => createSteadyClock({ wall: () => wall, monotonic: () => passed, mark })
  function pass(milliseconds: number): void {
    wall += milliseconds
    passed += milliseconds
  }
  /** Instants as milliseconds from the start. */
  const read = ({ now, settled }: ReturnType<typeof create>) => [now() - START, settled() - START]

  it('tells the time as the system does, also where that is slewed', () => {
    const clock = create()
    for (let minute = 0; minute < 100; minute++) {
      pass(MINUTE)
      wall += 30
      expect(read(clock)).to.deep.equal([wall - START, wall - START])
    }
  })

  it('follows a jump forward at once for what ends, and after ten minutes for what is deleted', () => {
    const clock = create()
    wall += YEAR
    expect(read(clock)).to.deep.equal([YEAR, 0])
    pass(10 * MINUTE - 1)
    expect(read(clock)).to.deep.equal([YEAR + 10 * MINUTE - 1, 10 * MINUTE - 1])
    pass(1)
    expect(read(clock)).to.deep.equal([YEAR + 10 * MINUTE, YEAR + 10 * MINUTE])
  })

  it('is right again at once when a jump forward is mended', () => {
    const clock = create()
    wall += YEAR
    clock.now()
    pass(9 * MINUTE)
    wall -= YEAR
    expect(read(clock)).to.deep.equal([9 * MINUTE, 9 * MINUTE])
    pass(MINUTE)
    expect(read(clock)).to.deep.equal([10 * MINUTE, 10 * MINUTE])
  })

  it('goes on through a jump back, and follows it after ten minutes', () => {
    const clock = create()
    wall -= YEAR
    expect(read(clock)).to.deep.equal([0, 0])
    pass(10 * MINUTE - 1)
    expect(read(clock)).to.deep.equal([10 * MINUTE - 1, 10 * MINUTE - 1])
    pass(1)
    expect(read(clock)).to.deep.equal([10 * MINUTE - YEAR, 10 * MINUTE - YEAR])
  })

  it('waits ten minutes from the last jump on', () => {
    const clock = create()
    for (let jump = 1; jump <= 3; jump++) {
      wall += YEAR
      clock.now()
      pass(9 * MINUTE)
      expect(clock.settled() - START).to.equal(jump * 9 * MINUTE)
    }
  })

  it('never falls while the system is set back by little', () => {
    const clock = create()
    pass(MINUTE)
    const before = clock.now()
    wall -= 1_500
    expect(clock.now()).to.equal(before)
    pass(1_000)
    expect(clock.now()).to.equal(before + 1_000)
  })

  it('takes the mark for what has passed at a start, whichever way the clock went meanwhile', () => {
    const ahead = create(START + YEAR)
    expect(read(ahead)).to.deep.equal([YEAR, YEAR])
    const behind = create(START - YEAR)
    expect(read(behind)).to.deep.equal([0, -YEAR])
    pass(10 * MINUTE)
    expect(read(ahead)).to.deep.equal([10 * MINUTE, 10 * MINUTE])
    expect(read(behind)).to.deep.equal([10 * MINUTE, 10 * MINUTE])
  })
})
