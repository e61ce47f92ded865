import { expect } from 'chai'
import { createAdmission } from '#src/app/admission/admission.js'
import { type Lane, usualPlaces } from '#src/app/admission/lanes.js'
import { R3SessionError } from '#src/domain/errors.js'

describe('the places for each kind of work', () => {
  /** Two places for logins, and two may wait for them; timers go off when the test says so. */
  function start() {
    const timers = new Set<() => void>()
    const shed: Lane[] = []
    const admission = createAdmission({
      places: { ...usualPlaces, login: { atMost: 2, waiting: 2, patience: 75 } },
      after(_milliseconds, run) {
        timers.add(run)
        return () => timers.delete(run)
      },
      shed: (lane) => shed.push(lane),
    })
    const outOfPatience = () => {
      for (const run of timers) run()
    }
    return { ...admission, timers, shed, outOfPatience }
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
    const { enter, check } = start()
    expect(enter('login')).to.equal(undefined)
    expect(enter('login')).to.equal(undefined)
    expect(refusal(() => check('login'))).to.equal('none')
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
    const { enter, check, shed } = start()
    for (let count = 0; count < 4; count++) enter('login')
    expect(refusal(() => enter('login'))).to.equal('overloaded')
    expect(refusal(() => check('login'))).to.equal('overloaded')
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

  it('never run out for probes', () => {
    const { enter, check } = start()
    for (let count = 0; count < 5000; count++) enter('probe')
    expect(refusal(() => check('probe'))).to.equal('none')
  })
})
