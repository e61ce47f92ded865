import { expect } from 'chai'
import { createQuota } from '#src/sandbox/state/quota.js'
import { SandboxError } from '#src/sandbox/state/sandbox-error.js'
import { createCallLog, MAX_CALLS } from '#src/sandbox/weixin/calls.js'
import { createFaults } from '#src/sandbox/weixin/faults.js'

const LOGIN = '/sns/jscode2session'
const TOKEN = '/cgi-bin/stable_token'

describe("the sandbox's faults", () => {
  it('faults are met once, in the order in which they were set', () => {
    const faults = createFaults()
    faults.add({ errcode: -1 })
    faults.add({ status: 502 })
    expect(faults.take(LOGIN)).to.deep.equal({ errcode: -1 })
    expect(faults.take(LOGIN)).to.deep.equal({ status: 502 })
    expect(faults.take(LOGIN)).to.equal(undefined)
  })

  it('a fault is met as often as it says, also without end', () => {
    const faults = createFaults()
    faults.add({ hang: true, times: 2 })
    faults.add({ reset: true, times: Infinity })
    const met = Array.from({ length: 100 }, () => faults.take(LOGIN))
    expect(met.filter((fault) => fault && 'hang' in fault)).to.have.length(2)
    expect(met.filter((fault) => fault && 'reset' in fault)).to.have.length(98)
  })

  it('a fault with a path waits for a call to it and lets others pass', () => {
    const faults = createFaults()
    faults.add({ errcode: 45009, path: TOKEN })
    faults.add({ errcode: -1 })
    expect(faults.take(LOGIN)).to.deep.equal({ errcode: -1 })
    expect(faults.take(LOGIN)).to.equal(undefined)
    expect(faults.take(TOKEN)).to.deep.equal({ errcode: 45009, path: TOKEN })
  })

  it('faults are forgotten on recovery', () => {
    const faults = createFaults()
    faults.add({ hang: true, times: Infinity })
    faults.clear()
    expect(faults.take(LOGIN)).to.equal(undefined)
  })

  it('faults come in every kind that docs/testing.md lists', () => {
    const faults = createFaults()
    const all = [
      { errcode: -1 },
      { status: 400 },
      { status: 599 },
      { html: true },
      { redirect: 'https://example.com/' },
      { delay: 0 },
      { hang: true },
      { reset: true },
      { half: true },
      { oversize: 200_000_000 },
    ]
    for (const fault of all) faults.add(fault)
    expect(all.map(() => faults.take(LOGIN))).to.deep.equal(all)
  })

  it('what is no fault is refused with a word of help', () => {
    const faults = createFaults()
    const wrong: [unknown, string][] = [
      [undefined, 'has one of errcode'],
      [null, 'has one of errcode'],
      ['hang', 'has one of errcode'],
      [{}, 'has one of errcode'],
      [{ times: 2 }, 'has one of errcode'],
      [{ errocde: -1 }, 'has one of errcode'],
      [{ constructor: 1 }, 'has one of errcode'],
      [{ errcode: -1, status: 502 }, 'has one of errcode'],
      [{ errcode: 0 }, 'errcode'],
      [{ errcode: '40029' }, 'errcode'],
      [{ status: 200 }, 'status'],
      [{ status: 600 }, 'status'],
      [{ html: false }, 'html'],
      [{ redirect: 'elsewhere' }, 'redirect'],
      [{ redirect: 7 }, 'redirect'],
      [{ delay: -1 }, 'delay'],
      [{ delay: 0.5 }, 'delay'],
      [{ hang: 'yes' }, 'hang'],
      [{ reset: 1 }, 'reset'],
      [{ half: 0.5 }, 'half'],
      [{ oversize: 0 }, 'oversize'],
      [{ hang: true, times: 0 }, 'times'],
      [{ hang: true, times: 1.5 }, 'times'],
      [{ hang: true, times: '2' }, 'times'],
      [{ hang: true, path: '/sandbox/login' }, 'path'],
    ]
    for (const [fault, help] of wrong) expect(() => faults.add(fault), help).to.throw(SandboxError, help)
    expect(faults.take(LOGIN)).to.equal(undefined)
  })

  it('a thousand faults can wait, and no more', () => {
    const faults = createFaults()
    for (let index = 0; index < 1000; index++) faults.add({ hang: true })
    expect(() => faults.add({ hang: true })).to.throw(SandboxError, '1000')
    faults.clear()
    faults.add({ hang: true })
  })
})

describe("the sandbox's list of calls", () => {
  it('the list of calls is live and keeps the last thousand', () => {
    const log = createCallLog()
    const call = (at: number) => ({ at, method: 'GET', path: '/', query: {} })
    for (let at = 0; at < MAX_CALLS + 5; at++) log.add(call(at))
    expect(log.calls).to.have.length(1000)
    expect(log.calls.at(0)).to.deep.equal({ number: 6, ...call(5) })
    expect(log.calls.at(-1)).to.deep.equal({ number: MAX_CALLS + 5, ...call(MAX_CALLS + 4) })
  })
})

describe("the sandbox's minute quota", () => {
  it('the quota counts each user on their own and begins anew with the minute', () => {
    let now = 600_000
    const { isOver } = createQuota(() => now, 2)
    const anna = { appid: 'wx1', user: 'anna', openid: 'o-anna' }
    const ben = { appid: 'wx1', user: 'ben', openid: 'o-ben' }
    expect([isOver(anna), isOver(anna), isOver(anna), isOver(ben)]).to.deep.equal([false, false, true, false])
    now += 59_999
    expect(isOver(anna)).to.equal(true)
    now += 1
    expect(isOver(anna)).to.equal(false)
  })
})
