import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { createAesSealer } from '#src/adapters/crypto/sealer.js'
import { openConnection } from '#src/adapters/sqlite/driver.js'
import { hashAt, pack, packedId, placeOf, UNPACKED_ID, unpack } from '#src/adapters/sqlite/packing.js'
import { ann, loginOf } from '../../support/store/logins.js'
import { openRawSqlite } from '../../support/store/open-sqlite-store.js'

describe('the columns of the SQLite store', () => {
  it('hold a sealed text in three quarters of its bytes', () => {
    const sealed = createAesSealer(['secret'], randomBytes).seal('x'.repeat(60), 'place')
    expect(unpack(Buffer.from(pack(sealed)))).to.equal(sealed)
    expect(pack(sealed).length).to.be.lessThan(sealed.length * 0.8)
  })

  it('give back any text as it was, and never the same bytes for two', () => {
    const texts = [
      '',
      '.',
      'a',
      'a.',
      'a.A',
      'a.AA',
      'a.AB',
      'a.AQ',
      '.AQ',
      'a.b.AQ',
      'a.AQ==',
      'é.AQ',
      '\0.AQ',
    ]
    texts.push(`${'x'.repeat(254)}.AQ`, `${'x'.repeat(255)}.AQ`)
    for (const text of texts) expect(unpack(Buffer.from(pack(text)))).to.equal(text)
    expect(new Set(texts.map((text) => Buffer.from(pack(text)).toString('hex'))).size).to.equal(texts.length)
  })

  it('hold an id of 32 hex digits in 16 bytes, and any other as it is', () => {
    const db = openConnection(':memory:')
    const through = db.prepare<[string], { id: string; length: number }>(
      `SELECT ${UNPACKED_ID} AS id, length(id) AS length FROM (SELECT ${packedId('given')} AS id FROM (SELECT ? AS given))`,
    )
    const hex = '0123456789abcdef0123456789abcdef'
    expect(through.get(hex)).to.deep.equal({ id: hex, length: 16 })
    for (const id of ['', 'id-1', hex.toUpperCase(), `${hex}00`, `${hex.slice(1)}g`])
      expect(through.get(id)).to.deep.equal({ id, length: id.length })
    db.close()
  })

  it('place hashes in their order, and know all their bits', () => {
    const hashes = Array.from({ length: 300 }, () => randomBytes(32)).sort(Buffer.compare)
    hashes.unshift(Buffer.alloc(32))
    hashes.push(Buffer.alloc(32, 255))
    const heads = hashes.map((hash) => placeOf(hash).head)
    expect(heads).to.deep.equal(heads.toSorted((one, other) => one - other))
    expect(heads.at(-1)).to.equal(Number.MAX_SAFE_INTEGER)
    for (const [n, hash] of hashes.entries()) {
      expect(hashAt(placeOf(hash))).to.deep.equal(hash, String(n))
    }
  })

  it('never give, change or end the session of a hash whose place another one has', async () => {
    const { raw, close } = openRawSqlite({ path: ':memory:', clock: () => 0 })
    const [mine, other] = [Buffer.alloc(32, 7), Buffer.alloc(32, 7).fill(8, 31)]
    const { session } = loginOf(1)
    const login = { session, ring: { sealed: 'ring', replaces: undefined }, epoch: 0, maxSessions: 2 }
    await raw.save({ ...login, tokenHash: mine })
    expect(await raw.find(other)).to.equal(undefined)
    await raw.touch(other, { lastSeenAt: 9, expiresAt: 9 })
    expect(await raw.delete(other)).to.equal(undefined)
    const refused = await raw
      .save({ ...login, tokenHash: other, ring: { sealed: 'next', replaces: 'ring' } })
      .catch((error) => error)
    expect(refused).to.include({ code: 'storage_unavailable' })
    expect(await raw.ring(ann)).to.equal('ring')
    expect(await raw.find(mine)).to.deep.equal(session)
    await close()
  })
})
