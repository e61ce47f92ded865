import { expect } from 'chai'
import { createSupervisor, type End, type Fork } from '#src/app/workers/supervisor.js'
import { createFakeTime, type FakeTime } from '../../support/fake-time.js'

const PATIENCE = 10_000
const killed: End = { status: null, signal: 'SIGKILL' }
const inOrder: End = { status: 0, signal: null }

describe('the supervisor of several workers', () => {
  let time: FakeTime
  let workers: (ReturnType<typeof fakeWorker> & { readonly pid: number })[]
  let said: string[]
  let ready: number[]
  let exits: number[]
  beforeEach(() => {
    time = createFakeTime()
    workers = []
    said = []
    ready = []
    exits = []
  })

  function fakeWorker(...[sweeps, heard]: Parameters<Fork>) {
    const asked: string[] = []
    return { sweeps, ...heard, asked, isKilled: false }
  }

  function supervise(count = 3) {
    const say = (level: string) => (_fields: object, message: string) => said.push(`${level}: ${message}`)
    return createSupervisor({
      count,
      fork(sweeps, heard) {
        const worker = { ...fakeWorker(sweeps, heard), pid: workers.length + 1 }
        workers.push(worker)
        return {
          pid: worker.pid,
          stop: (reason) => worker.asked.push(reason),
          kill() {
            worker.isKilled = true
          },
        }
      },
      time,
      patience: PATIENCE,
      log: { info: say('info'), error: say('error') },
      ready: (port) => ready.push(port),
      exit: (status) => exits.push(status),
    })
  }

  /** The worker that was started as the n-th. */
  const nth = (n: number) => {
    const worker = workers[n - 1]
    if (worker === undefined) throw new Error(`there is no worker ${n}`)
    return worker
  }

  function superviseReady(count?: number) {
    const supervisor = supervise(count)
    for (let n = 1; n <= workers.length; n++) nth(n).listening(80)
    return supervisor
  }

  it('starts one, then the others, and says that all listen, once', () => {
    supervise()
    expect(workers).to.have.length(1)
    nth(1).listening(80)
    expect(workers).to.have.length(3)
    nth(3).listening(80)
    expect(ready).to.deep.equal([])
    nth(2).listening(80)
    expect(ready).to.deep.equal([80])
  })

  it('ends with the status of a first worker that can not start', () => {
    supervise()
    nth(1).ended({ status: 78, signal: null })
    expect(exits).to.deep.equal([78])
    expect(workers).to.have.length(1)
  })

  it('ends with 1 where the first worker is killed before it listens', () => {
    supervise()
    nth(1).ended(killed)
    expect(exits).to.deep.equal([1])
  })

  it('has one worker sweep, and whoever takes its place', async () => {
    superviseReady()
    expect(workers.map(({ sweeps }) => sweeps)).to.deep.equal([true, false, false])
    nth(1).ended(killed)
    nth(2).ended(killed)
    await time.pass(100)
    expect(workers.slice(3).map(({ sweeps }) => sweeps)).to.deep.equal([true, false])
  })

  it('replaces a worker that dies, after pauses that grow to half a minute', async () => {
    superviseReady()
    let last = nth(2)
    for (const pause of [100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]) {
      const before = workers.length
      last.ended(killed)
      await time.pass(pause - 1)
      expect(workers).to.have.length(before)
      await time.pass(1)
      expect(workers).to.have.length(before + 1)
      last = nth(before + 1)
      last.listening(80)
    }
    expect(exits).to.deep.equal([])
    expect(ready).to.deep.equal([80])
  })

  it('begins with short pauses again after a worker that lived for a minute', async () => {
    superviseReady()
    for (const life of [0, 60_000]) {
      const last = nth(workers.length)
      await time.pass(life)
      last.ended(killed)
      const before = workers.length
      await time.pass(100)
      expect(workers).to.have.length(before + 1)
      nth(workers.length).listening(80)
    }
  })

  it('goes on while others serve when the next one can not start, and tries again', async () => {
    superviseReady(2)
    nth(2).ended(killed)
    await time.pass(100)
    nth(3).ended({ status: 1, signal: null })
    expect(exits).to.deep.equal([])
    await time.pass(200)
    expect(workers).to.have.length(4)
  })

  it('ends with the status of a worker that can not start when nobody serves any more', async () => {
    superviseReady(2)
    nth(1).ended(killed)
    nth(2).ended(killed)
    await time.pass(100)
    nth(3).ended({ status: 1, signal: null })
    expect(exits).to.deep.equal([])
    expect(nth(4).asked).to.have.length(1)
    nth(4).ended(inOrder)
    expect(exits).to.deep.equal([1])
    await time.pass(120_000)
    expect(workers).to.have.length(4)
  })

  it('calls it no error when somebody asked a worker to end', () => {
    superviseReady()
    nth(2).ended(inOrder)
    expect(said).to.deep.equal(['info: a worker ended, another one takes its place'])
  })

  it('ends all in order when it is told to, and itself when none is left, with 0', () => {
    const { stop } = superviseReady()
    stop('SIGTERM')
    stop('SIGHUP')
    for (const { asked } of workers) expect(asked).to.deep.equal(['SIGTERM'])
    nth(1).ended(inOrder)
    nth(3).ended(inOrder)
    expect(exits).to.deep.equal([])
    nth(2).ended(inOrder)
    expect(exits).to.deep.equal([0])
    expect(said).to.deep.equal(['info: stopping', 'info: stopped'])
    expect(time.pending()).to.equal(0)
  })

  it('ends with 1 when one of them did not end in order', () => {
    const { stop } = superviseReady(2)
    stop('SIGTERM')
    nth(1).ended(killed)
    nth(2).ended(inOrder)
    expect(exits).to.deep.equal([1])
  })

  it('starts nobody any more once it is told to end', async () => {
    const { stop } = supervise()
    nth(1).listening(80)
    nth(2).ended(killed)
    nth(1).ended(killed)
    stop('SIGTERM')
    nth(3).listening(80)
    nth(3).ended(inOrder)
    await time.pass(60_000)
    expect(workers).to.have.length(3)
    expect(exits).to.deep.equal([0])
  })

  it('kills those that take too long to end, and ends with 1', async () => {
    const { stop } = superviseReady(2)
    stop('SIGTERM')
    nth(1).ended(inOrder)
    await time.pass(PATIENCE)
    expect(nth(2).isKilled).to.equal(true)
    nth(2).ended(killed)
    expect(exits).to.deep.equal([1])
  })
})
