import { randomFillSync } from 'node:crypto'
import { expect } from 'chai'
import { createRandomBytes } from '#src/adapters/crypto/random-bytes.js'

describe('createRandomBytes', () => {
  /** A source of the numbers 1, 2, 3 ... as 4 bytes each, and the buffers it has filled. */
  function counting() {
    let next = 1
    const filled: Buffer[] = []
    const randomBytes = createRandomBytes((bytes) => {
      const buffer = bytes as Buffer
      filled.push(buffer)
      for (let at = 0; at + 4 <= buffer.length; at += 4) buffer.writeUInt32LE(next++, at)
    })
    return { randomBytes, filled }
  }

  it('gives each byte of its source at most once, whatever sizes are asked for', () => {
    const { randomBytes, filled } = counting()
    const seen: number[] = []
    for (let n = 0; n < 120; n++) {
      const bytes = randomBytes([64, 16, 12, 0, 8192, 20_000][n % 6] ?? 0)
      for (let at = 0; at < bytes.length; at += 4) seen.push(bytes.readUInt32LE(at))
    }
    expect(new Set(seen).size).to.equal(seen.length)
    expect(seen).not.to.include(0)
    expect(filled.length).to.be.below(120)
  })

  it('asks its source once for many draws', () => {
    const { randomBytes, filled } = counting()
    for (let n = 0; n < 128; n++) randomBytes(64)
    expect(filled).to.have.length(1)
  })

  it('keeps nothing of what it gave, and gives what nobody else holds', () => {
    const { randomBytes, filled } = counting()
    const first = randomBytes(64)
    const second = randomBytes(16)
    expect(filled[0]?.subarray(0, 80).every((byte) => byte === 0)).to.equal(true)
    expect(filled[0]?.subarray(80, 84).some((byte) => byte !== 0)).to.equal(true)
    first.fill(0)
    expect(second.some((byte) => byte !== 0)).to.equal(true)
    expect(randomBytes(16)).not.to.deep.equal(second)
  })

  it('fails when its source does, and gives nothing of a pool that was not filled', () => {
    let works = false
    const randomBytes = createRandomBytes((bytes) => {
      if (!works) throw new Error('no entropy')
      randomFillSync(bytes)
    })
    expect(() => randomBytes(16)).to.throw('no entropy')
    expect(() => randomBytes(16)).to.throw('no entropy')
    works = true
    expect(randomBytes(16).some((byte) => byte !== 0)).to.equal(true)
  })
})
