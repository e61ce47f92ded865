import { expect } from 'chai'
import { createAdmission } from '#src/app/admission/admission.js'
import { type Lane, usualPlaces } from '#src/app/admission/lanes.js'
import { R3SessionError } from '#src/domain/errors.js'

describe('the places for each kind of work', () => {
  /** Two places for logins, and two may wait for them; timers go off when the test says so. */
  function start() {
    const timers = new Set<() => void>()
    const shed: Lane[] = []
    const time = { late: 0 }
    const admission = createAdmission({
      places: { ...usualPlaces, login: { ...usualPlaces.login, atMost: 2, waiting: 2, few: 1 } },
      lateness: { now: () => time.late },
      after(_milliseconds, run) {
        timers.add(run)
        return () => timers.delete(run)
      },
      shed: (lane) => shed.push(lane),
    })
    const outOfPatience = () => {
      for (const run of timers) run()
    }
    return { ...admission, time, timers, shed, outOfPatience }
  }

  const refusal = (ask: () => unknown) => {
    try {
      ask()
    } catch (error) {
      return error instanceof R3SessionError ? error.code : 'another error'
    }
    return 'none'
  }

  it('are free at first, and cost no wait', () => {
    const { enter, refuses } = start()
    expect(enter('login')).to.equal(undefined)
    expect(enter('login')).to.equal(undefined)
    expect(refuses('login')).to.equal(false)
  })

  it('go to those who wait, the first first', async () => {
    const { enter, leave, timers } = start()
    enter('login')
    enter('login')
    const order: string[] = []
    const first = enter('login')?.then(() => order.push('first'))
    const second = enter('login')?.then(() => order.push('second'))
    leave('login')
    await first
    expect(order).to.deep.equal(['first'])
    leave('login')
    await second
    expect(order).to.deep.equal(['first', 'second'])
    expect(timers.size).to.equal(0)
  })

  it('are refused at once where too many wait already', () => {
    const { enter, refuses, shed } = start()
    for (let count = 0; count < 4; count++) enter('login')
    expect(refusal(() => enter('login'))).to.equal('overloaded')
    expect(refuses('login')).to.equal(true)
    expect(shed).to.deep.equal(['login', 'login'])
  })

  it('are refused to who has waited too long, and then there is room for another', async () => {
    const { enter, leave, outOfPatience, shed } = start()
    enter('login')
    enter('login')
    const waiting = enter('login')
    outOfPatience()
    expect(await waiting?.catch((error: R3SessionError) => error.code)).to.equal('overloaded')
    expect(shed).to.deep.equal(['login'])
    leave('login')
    expect(enter('login')).to.equal(undefined)
  })

  it('are as many as were given back, whoever had them', async () => {
    const { enter, leave, timers } = start()
    for (let round = 0; round < 10; round++) {
      const all = [enter('login'), enter('login'), enter('login'), enter('login')]
      for (const _ of all) leave('login')
      await Promise.all(all)
    }
    expect(timers.size).to.equal(0)
    expect([enter('login'), enter('login')]).to.deep.equal([undefined, undefined])
    expect(enter('login')).to.be.a('promise')
  })

  it('of one kind are not taken by another', () => {
    const { enter } = start()
    for (let count = 0; count < 4; count++) enter('login')
    for (const lane of ['verify', 'ending', 'decrypt', 'wechat', 'other', 'probe'] as const)
      expect(enter(lane), lane).to.equal(undefined)
  })

  it('are refused while the loop is late, those who can best come again first, but for a few', () => {
    const { enter, refuses, time, shed } = start()
    const lanes: Lane[] = ['login', 'decrypt', 'wechat', 'other', 'ending', 'verify', 'probe']
    const letIn = (late: number) => {
      time.late = late
      return lanes.filter((lane) => !refuses(lane))
    }
    expect(letIn(1)).to.deep.equal(lanes)
    time.late = 10_000
    expect(refuses('login')).to.equal(false)
    enter('login')
    for (let count = 0; count < 16; count++) for (const lane of lanes.slice(1)) enter(lane)
    expect(letIn(80)).to.deep.equal(lanes.slice(2))
    expect(letIn(200)).to.deep.equal(lanes.slice(4))
    expect(letIn(10_000)).to.deep.equal(['verify', 'probe'])
    expect(shed.slice(0, 2)).to.deep.equal(['login', 'decrypt'])
  })

  it('never run out for probes', () => {
    const { enter, refuses } = start()
    for (let count = 0; count < 5000; count++) enter('probe')
    expect(refuses('probe')).to.equal(false)
  })
})
