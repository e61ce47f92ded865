import { expect } from 'chai'
import { createLateness } from '#src/app/admission/lateness.js'

describe('how late the event loop is', () => {
  function start() {
    const time = { now: 1000 }
    const timers = new Set<() => void>()
    const lateness = createLateness({
      monotonic: () => time.now,
      every(_milliseconds, run) {
        timers.add(run)
        return () => timers.delete(run)
      },
    })
    const ask = () => lateness.now()
    /** A turn of the loop that takes so long; somebody asks at its start. */
    const turn = (milliseconds: number) => {
      ask()
      time.now += milliseconds
      for (const run of timers) run()
    }
    return { time, timers, ask, turn }
  }

  it('is nothing while its turns are short', () => {
    const { ask, turn } = start()
    for (let count = 0; count < 100; count++) {
      turn(11)
      expect(ask()).to.equal(0)
    }
  })

  it('is nothing in a burst or a pause, for garbage say, that is over soon', () => {
    const { ask, turn, time } = start()
    turn(10)
    for (let count = 0; count < 4; count++) turn(100)
    time.now += 90
    expect(ask()).to.equal(0)
  })

  it('grows within a turn once turns were long for half a second, and each turn begins anew', () => {
    const { ask, turn, time } = start()
    for (let count = 0; count < 11; count++) turn(50)
    expect(ask()).to.be.at.most(0)
    time.now += 40
    expect(ask()).to.equal(30)
    turn(0)
    expect(ask()).to.be.at.most(0)
  })

  it('is forgotten as soon as one turn was short again', () => {
    const { ask, turn, time } = start()
    for (let count = 0; count < 100; count++) turn(50)
    turn(10)
    time.now += 30
    expect(ask()).to.equal(0)
  })

  it('is looked at only while somebody asks', () => {
    const { ask, timers } = start()
    expect(timers.size).to.equal(0)
    ask()
    for (const run of timers) run()
    expect(timers.size).to.equal(1)
    for (const run of timers) run()
    expect(timers.size).to.equal(0)
  })
})
