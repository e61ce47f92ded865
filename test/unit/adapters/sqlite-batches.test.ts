import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Database, openConnection } from '#src/adapters/sqlite/driver.js'
import { connect, openDatabase } from '#src/adapters/sqlite/file/open-file.js'
import { createBatches } from '#src/adapters/sqlite/writer/batches.js'
import type { Call } from '#src/adapters/sqlite/writer/writer.js'
import type { RawLogin } from '#src/adapters/store/raw-store.js'
import { temporaryFolder } from '../../support/service/spawn-service.js'
import { commitsIn } from '../../support/store/wal.js'

const hashOf = (n: number) => createHash('sha256').update(`${n}`).digest()

const save = (n: number): Call => {
  const login: RawLogin = {
    tokenHash: hashOf(n),
    session: { appid: 'wx', openid: `o-${n}`, id: `id-${n}`, createdAt: 1, lastSeenAt: 1, expiresAt: 9 },
    ring: { sealed: 'sealed', replaces: undefined },
    epoch: 0,
    maxSessions: 10,
  }
  return ['save', [login]]
}
const touch = (n: number): Call => ['touch', [{ hashes: hashOf(n), times: Float64Array.of(5, 99) }]]
const saved = { result: { madeRoom: 0 } }

describe('a batch of the SQLite writer', () => {
  let folder: ReturnType<typeof temporaryFolder>
  let path: string
  let db: Database
  let other: Database
  let run: ReturnType<typeof createBatches>
  beforeEach(() => {
    folder = temporaryFolder()
    path = join(folder.path, 'sessions.db')
    openDatabase(path, { besides: [], prepare: () => {} }).db.close()
    db = connect(path)
    other = openConnection(path)
    run = createBatches(db)
  })
  afterEach(() => {
    db.close()
    other.close()
    folder.remove()
  })

  const users = () => other.prepare('SELECT openid FROM users ORDER BY openid').pluck().all()
  const waitsForDisk = () => db.pragma('synchronous', { simple: true }) === 2
  const refuse = (what: string) =>
    other.exec(`CREATE TRIGGER no BEFORE INSERT ON sessions ${what} BEGIN SELECT raise(ABORT, 'canary'); END`)

  it('is one transaction, whatever it is made of, and answers in order', () => {
    const before = commitsIn(path)
    const answers = run([save(1), ['claimToken', ['wx', 1, 2]], save(2), touch(1), ['delete', [hashOf(2)]]])
    expect(commitsIn(path) - before).to.equal(1)
    expect(answers.map((answer) => ('result' in answer ? answer.result : answer))).to.deep.equal([
      { madeRoom: 0 },
      true,
      { madeRoom: 0 },
      true,
      { appid: 'wx', openid: 'o-2', id: 'id-2', createdAt: 1, lastSeenAt: 1, expiresAt: 9 },
    ])
    expect(users()).to.deep.equal(['o-1', 'o-2'])
  })

  it('waits for the disk where anything in it is durable, and only there', () => {
    const durable: Call[] = [
      save(1),
      ['putRing', [{ appid: 'wx', openid: 'o-9' }, { sealed: 'sealed' }]],
      ['endOne', [{ appid: 'wx', openid: 'o-9' }, 'id']],
      [
        'endAll',
        [
          { appid: 'wx', openid: 'o-9' },
          { now: 1, rememberUntil: 2, forget: true },
        ],
      ],
      ['delete', [hashOf(1)]],
    ]
    for (const call of durable) {
      run([touch(1)])
      expect(waitsForDisk(), 'a touch').to.equal(false)
      run([touch(1), call, touch(1)])
      expect(waitsForDisk(), call[0]).to.equal(true)
    }
    run([['rehearse', []]])
    expect(waitsForDisk(), 'a rehearsal').to.equal(false)
  })

  it('has an operation that fails fail alone', () => {
    refuse("WHEN NEW.openid = 'o-2'")
    const before = commitsIn(path)
    expect(run([save(1), save(2), save(3)])).to.deep.equal([
      saved,
      { failure: 'SQLITE_CONSTRAINT_TRIGGER' },
      saved,
    ])
    expect(users()).to.deep.equal(['o-1', 'o-3'])
    expect(commitsIn(path) - before).to.equal(2)
    expect(run([save(4)])).to.deep.equal([saved])
  })

  it('fails as a whole, and changes nothing, where it can not be committed', () => {
    other.exec(`CREATE TABLE parent (a PRIMARY KEY);
      CREATE TABLE child (a REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
      CREATE TRIGGER late AFTER INSERT ON sessions WHEN NEW.openid = 'o-2' BEGIN INSERT INTO child VALUES (1); END`)
    const failure = { failure: 'SQLITE_CONSTRAINT_FOREIGNKEY' }
    expect(run([save(1), save(2), save(3)])).to.deep.equal([failure, failure, failure])
    expect(users()).to.deep.equal([])
    expect(run([save(1)])).to.deep.equal([saved])
  })

  it('fails as a whole while another process has the lock', () => {
    other.exec('BEGIN IMMEDIATE')
    const busy = { failure: 'SQLITE_BUSY' }
    expect(run([save(1), save(2)])).to.deep.equal([busy, busy])
    other.exec('ROLLBACK')
    expect(users()).to.deep.equal([])
    expect(run([save(1), save(2)])).to.deep.equal([saved, saved])
  })

  it('is taken back when it meets a defect', () => {
    expect(() => run([save(1), ['no such operation' as 'save', []]])).to.throw(TypeError)
    expect(users()).to.deep.equal([])
    expect(db.inTransaction).to.equal(false)
  })
})
