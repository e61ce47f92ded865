import { expect } from 'chai'
import { createTouches, type Touches } from '#src/adapters/sqlite/writer/touches.js'

describe('touches before the SQLite writer', () => {
  let written: Touches[]
  let fails: boolean
  beforeEach(() => {
    written = []
    fails = false
  })

  const write = async (touches: Touches) => {
    if (fails) throw new Error('canary')
    written.push(touches)
    return true
  }
  const hashOf = (n: number) => Buffer.alloc(32, n)
  const at = (lastSeenAt: number) => ({ lastSeenAt, expiresAt: lastSeenAt + 10 })
  const sizes = () => written.map(({ times }) => times.length / 2)

  it('are written at once where none came before, and then together', async () => {
    const { touch, flush, close } = createTouches(write, 60_000)
    await touch(hashOf(0), at(1))
    const calls = [1, 2, 3].map((n) => touch(hashOf(n), at(2)))
    expect(sizes()).to.deep.equal([1])
    flush()
    await Promise.all(calls)
    expect(sizes()).to.deep.equal([1, 3])
    close()
  })

  it('are written when their time has come, also one after the other', async () => {
    const { touch, close } = createTouches(write, 1)
    for (let n = 0; n < 4; n++) await Promise.all([touch(hashOf(1), at(n)), touch(hashOf(2), at(n))])
    expect(sizes().reduce((sum, size) => sum + size, 0)).to.equal(8)
    close()
  })

  it('of one session are written in their order', async () => {
    const { touch, flush, close } = createTouches(write, 60_000)
    await touch(hashOf(0), at(0))
    for (let n = 1; n <= 2; n++) touch(hashOf(255), at(n))
    flush()
    expect(written[1]).to.deep.equal({
      hashes: new Uint8Array(64).fill(255),
      times: Float64Array.of(1, 11, 2, 12),
    })
    close()
  })

  it('are known before they are written, and until then', async () => {
    const { touch, latest, settled, close } = createTouches(write, 60_000)
    expect(latest(hashOf(1))).to.equal(undefined)
    const first = touch(hashOf(1), at(1))
    expect(latest(hashOf(1))).to.deep.equal(at(1))
    touch(hashOf(1), at(2))
    expect(latest(hashOf(1))).to.deep.equal(at(2))
    await first
    expect(latest(hashOf(1))).to.deep.equal(at(2))
    expect(latest(hashOf(2))).to.equal(undefined)
    await settled()
    expect(latest(hashOf(1))).to.equal(undefined)
    expect(sizes()).to.deep.equal([1, 1])
    close()
  })

  it('wait in thousands at most', () => {
    const { touch, close } = createTouches(write, 60_000)
    for (let n = 0; n <= 10_000; n++) touch(Buffer.from(`${n}`.padStart(32)), at(n))
    expect(sizes()).to.deep.equal([1, 4000, 4000])
    close()
    expect(sizes()).to.deep.equal([1, 4000, 4000, 2000])
  })

  it('tell everybody who waits when they could not be written, and go on', async () => {
    const { touch, flush, close } = createTouches(write, 60_000)
    await touch(hashOf(0), at(0))
    fails = true
    const outcomes = Promise.allSettled([touch(hashOf(1), at(1)), touch(hashOf(2), at(1))])
    flush()
    expect((await outcomes).map(({ status }) => status)).to.deep.equal(['rejected', 'rejected'])
    fails = false
    const next = touch(hashOf(3), at(2))
    close()
    await next
    expect(sizes()).to.deep.equal([1, 1])
  })
})
