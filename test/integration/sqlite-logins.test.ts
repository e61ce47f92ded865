import { randomBytes } from 'node:crypto'
import { copyFileSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { openConnection } from '#src/adapters/sqlite/driver.js'
import { withResetKey } from '#src/domain/key-ring.js'
import { ann, claimAt, codeOf, endingAt, loginOf, start, tokenOf } from '../support/logins.js'
import { openSqliteStore } from '../support/open-sqlite-store.js'
import { temporaryFolder } from '../support/spawn-service.js'

type Sqlite = ReturnType<typeof openSqliteStore>

const open = (path: string, { clock = () => start, secret = 'secret', idle = 60_000 } = {}) =>
  openSqliteStore({ path, secrets: [secret], clock, idle })

describe('SQLite around logins', () => {
  let folder: ReturnType<typeof temporaryFolder>
  let path: string
  let one: Sqlite
  let another: Sqlite
  const time = { now: start }
  const clock = () => time.now
  beforeEach(() => {
    time.now = start
    folder = temporaryFolder()
    path = join(folder.path, 'sessions.db')
    one = open(path, { clock })
    another = open(path, { clock })
  })
  afterEach(async () => {
    await Promise.all([one.close(), another.close()])
    folder.remove()
  })

  /** What a third connection sees. */
  function rows(sql: string): unknown[] {
    const db = openConnection(path)
    const found = db.prepare(sql).raw().all()
    db.close()
    return found
  }

  const attempt = { appid: 'wx-one', code: 'code', key: 'key' }

  describe('in two processes at once', () => {
    it('never lets a user have more sessions than allowed', async () => {
      const counts: number[] = []
      const logins = Array.from({ length: 40 }, async (_, n) => {
        const { sessions } = n % 2 ? one : another
        await sessions.save(loginOf(n, ann, { maxSessions: 3, expiresAt: start + 100_000 }))
        counts.push((await sessions.list(ann, start + 50)).length)
      })
      await Promise.all(logins)
      expect(Math.max(...counts)).to.equal(3)
      expect((await one.sessions.list(ann, start + 50)).length).to.equal(3)
    })

    it('has each login either ended by endAll or refused, and counts the ended ones', async () => {
      for (let round = 0; round < 20; round++) {
        const user = { appid: 'wx-one', openid: `o-${round}` }
        const epoch = await one.sessions.epoch()
        const saves = Array.from({ length: 6 }, (_, n) =>
          codeOf(one.sessions.save(loginOf(n, user, { token: tokenOf(round * 10 + n), epoch }))),
        )
        // Some of the saves are through by then and some are not.
        await Promise.race([saves[round % 6], saves[0]])
        const ended = await another.sessions.endAll(user, endingAt(start + 100))
        const outcomes = await Promise.all(saves)
        expect(outcomes.filter((outcome) => outcome === 'resolved')).to.have.length(ended)
        expect(outcomes.filter((outcome) => outcome === 'invalid_session')).to.have.length(6 - ended)
        expect(await one.sessions.list(user, start + 100)).to.deep.equal([])
      }
    })
  })

  it('gives an answer that another process sealed under another secret to nobody', async () => {
    await one.loginAttempts.claim(attempt, claimAt(start))
    await one.sessions.save(loginOf(1, ann, { attempt }))
    const stranger = open(path, { secret: 'other' })
    expect(await stranger.loginAttempts.claim(attempt, claimAt(start))).to.equal('taken')
    await stranger.close()
  })

  it('opens an answer nowhere but in its own row', async () => {
    const other = { ...attempt, code: 'another' }
    for (const [n, each] of [attempt, other].entries()) {
      await one.loginAttempts.claim(each, claimAt(start))
      await one.sessions.save(loginOf(n, ann, { attempt: each }))
    }
    const db = openConnection(path)
    db.exec('UPDATE login_attempts SET sealed_answer = (SELECT max(sealed_answer) FROM login_attempts)')
    db.close()
    const claims = await Promise.all(
      [attempt, other].map((each) => one.loginAttempts.claim(each, claimAt(start))),
    )
    expect(claims.filter((claim) => claim === 'taken')).to.have.length(1)
  })

  describe('sweep', () => {
    it('forgets login attempts when their minute is over', async () => {
      await one.loginAttempts.claim(attempt, claimAt(start))
      await one.sessions.save(loginOf(1, ann, { attempt }))
      await one.loginAttempts.claim({ ...attempt, code: 'later' }, claimAt(start + 1))
      time.now = start + 59_999
      await one.sweep()
      expect(rows('SELECT count(*) FROM login_attempts')).to.deep.equal([[2]])
      time.now = start + 60_000
      await one.sweep()
      expect(rows('SELECT claimed_until FROM login_attempts')).to.deep.equal([[start + 10_001]])
      time.now = start + 60_001
      await one.sweep()
      expect(rows('SELECT * FROM login_attempts')).to.deep.equal([])
    })

    it('remembers for an hour who was thrown out, and for good how often that happened', async () => {
      const ben = { appid: 'wx-one', openid: 'o-ben' }
      await one.sessions.save(loginOf(1))
      for (const user of [ann, ben]) await one.sessions.endAll(user, endingAt(start))
      time.now = start + 3_599_999
      await one.sweep()
      for (const user of [ann, ben])
        expect(await codeOf(another.sessions.save(loginOf(2, user)))).to.equal('invalid_session')
      time.now = start + 3_600_000
      await one.sweep()
      expect(rows('SELECT * FROM users')).to.deep.equal([])
      expect(await another.sessions.epoch()).to.equal(2)
      await one.sessions.endAll(ann, endingAt(time.now))
      expect(await another.sessions.epoch()).to.equal(3)
    })

    it('keeps users with a session, and drops the others', async () => {
      await one.sessions.endAll(ann, endingAt(start))
      await one.sessions.save(loginOf(1, ann, { epoch: 1, expiresAt: start + 4_000_000 }))
      await one.sessions.save(loginOf(2, { appid: 'wx', openid: 'o-ben' }))
      time.now = start + 3_999_999
      await one.sweep()
      expect(rows('SELECT openid FROM users')).to.deep.equal([['o-ann']])
      time.now = start + 4_000_000
      await one.sweep()
      expect(rows('SELECT openid FROM users')).to.deep.equal([])
    })

    it('finds what ended since the last one, and what another process left', async () => {
      await one.sessions.save(loginOf(1))
      await one.sweep()
      await another.sessions.save(loginOf(2, ann, { expiresAt: start + 10 }))
      time.now = start + 10
      await one.sweep()
      expect(await one.sessions.find(tokenOf(2))).to.equal(undefined)
      time.now = start + 1_001
      await one.sweep()
      expect(await one.sessions.find(tokenOf(1))).to.equal(undefined)
    })

    it('finds what time alone has ended, each at its instant', async () => {
      const left = () => [
        rows('SELECT count(*) FROM sessions'),
        rows('SELECT count(*) FROM login_attempts'),
        rows('SELECT count(*) FROM users'),
      ]
      for (const [n, expiresAt] of [start + 100, start + 10_000_000].entries())
        await one.sessions.save(loginOf(n, ann, { expiresAt }))
      for (const n of [200, 300])
        await one.loginAttempts.claim({ ...attempt, code: `${n}` }, claimAt(start + n - 60_000))
      for (const n of [400, 500])
        await one.sessions.endAll({ appid: 'wx', openid: `${n}` }, endingAt(start + n - 3_600_000))
      const moments: [after: number, sessions: number, attempts: number, users: number][] = [
        [99, 2, 2, 3],
        [100, 1, 2, 3],
        [199, 1, 2, 3],
        [200, 1, 1, 3],
        [300, 1, 0, 3],
        [399, 1, 0, 3],
        [400, 1, 0, 2],
        [500, 1, 0, 1],
        [10_000_000, 0, 0, 0],
      ]
      for (const [after, ...expected] of moments) {
        time.now = start + after
        // The first deletes, the second finds nothing more, the third has seen no change since.
        for (let n = 0; n < 3; n++) await one.sweep()
        expect(left(), `after ${after}`).to.deep.equal(expected.map((count) => [[count]]))
      }
    })

    it('starts no thread when nothing was written and nothing has ended', async () => {
      const starts: unknown[] = []
      const onWorker = (worker: unknown) => starts.push(worker)
      const third = open(path, { clock, idle: 0 })
      await one.sessions.save(loginOf(1, ann, { expiresAt: start + 10 }))
      process.on('worker', onWorker)
      try {
        await third.sweep()
        const atFirst = starts.length
        expect(atFirst).to.be.greaterThan(0)
        for (let n = 0; n < 3; n++) await third.sweep()
        expect(starts).to.have.length(atFirst)
        time.now = start + 10
        await third.sweep()
        expect(starts.length).to.be.greaterThan(atFirst)
        expect(await third.sessions.find(tokenOf(1))).to.equal(undefined)
      } finally {
        process.off('worker', onWorker)
        await third.close()
      }
    })
  })

  describe('close', () => {
    it('lets what is under way end, and fails everything after it', async () => {
      const saves = Array.from({ length: 10 }, (_, n) =>
        codeOf(one.sessions.save(loginOf(n, { appid: 'wx', openid: `o-${n}` }))),
      )
      const [claim, sweep] = [one.loginAttempts.claim(attempt, claimAt(start)), one.sweep()]
      const outcomes = Promise.all([...saves, codeOf(claim), codeOf(sweep)])
      await Promise.all([one.close(), one.close()])
      expect(await outcomes).to.satisfy((codes: string[]) =>
        codes.every((code) => ['resolved', 'storage_unavailable'].includes(code)),
      )
      const kept = await Promise.all(saves)
      for (const [n, outcome] of kept.entries()) {
        const found = await another.sessions.find(tokenOf(n))
        expect(found === undefined).to.equal(outcome !== 'resolved')
      }
      const calls = [
        one.sessions.epoch(),
        one.sessions.list(ann, start),
        one.sessions.endAll(ann, endingAt(start)),
        one.loginAttempts.abandon(attempt),
        one.tokens.read('wx'),
        one.tokens.release('wx'),
        one.sweep(),
      ]
      for (const call of calls) expect(await codeOf(call)).to.equal('storage_unavailable')
    })

    it('leaves one file, complete in itself, whether anything was written or not', async () => {
      await one.sessions.save(loginOf(1))
      await another.close()
      await one.close()
      expect(readdirSync(folder.path)).to.deep.equal(['sessions.db'])
      expect(rows('SELECT count(*) FROM sessions')).to.deep.equal([[1]])
      await open(path).close()
      expect(readdirSync(folder.path)).to.deep.equal(['sessions.db'])
    })

    it('leaves everything in the file itself, also when another process goes on with it', async () => {
      await one.sessions.save(loginOf(1))
      await one.close()
      copyFileSync(path, join(folder.path, 'copy.db'))
      const copy = open(join(folder.path, 'copy.db'))
      expect(await copy.sessions.find(tokenOf(1))).to.deep.equal(loginOf(1).session)
      await copy.close()
    })
  })

  it('has no token, code, key, access_token or session_key in any byte of its files', async () => {
    const secrets = {
      token: randomBytes(64).toString('hex'),
      code: '0canaryCode1234567890canaryCode1',
      key: 'canary-Idempotency-Key',
      accessToken: 'canaryAccessToken_0123456789-abcdefghijklmnop',
      sessionKey: randomBytes(16).toString('base64'),
      resetKey: randomBytes(16).toString('base64'),
    }
    const { token, code, key, accessToken, sessionKey } = secrets
    const claimed = { appid: 'wx-one', code, key }
    const login = loginOf(1, ann, { token, sessionKey, attempt: claimed })
    await one.loginAttempts.claim(claimed, claimAt(start))
    await one.sessions.save(login)
    await one.keyRings.change(ann, (ring) => withResetKey(ring, secrets.resetKey, start))
    await one.tokens.claim('wx-one', start, start + 1)
    await one.tokens.write('wx-one', { accessToken, expiresAt: start + 1, refreshAt: start })
    expect(await another.loginAttempts.claim(claimed, claimAt(start))).to.have.nested.property(
      'answer.r3session',
      token,
    )
    expect(await another.tokens.read('wx-one')).to.include({ accessToken })
    expectNowhere()
    await Promise.all([one.close(), another.close()])
    expectNowhere()

    function expectNowhere() {
      const files = readdirSync(folder.path).map((name) => readFileSync(join(folder.path, name)))
      expect(Buffer.concat(files).includes('o-ann')).to.equal(true)
      for (const [name, secret] of Object.entries(secrets)) {
        for (const form of formsOf(secret))
          for (const file of files)
            expect(file.includes(form), `${name} as ${form.length} bytes`).to.equal(false)
      }
    }
  })
})

/** A secret as text and as the bytes it may stand for, each as it is, in hex and in base64 at every alignment. */
function formsOf(secret: string): Buffer[] {
  const bytes = [Buffer.from(secret), Buffer.from(secret, 'hex'), Buffer.from(secret, 'base64')]
  return bytes
    .filter(({ length }) => length >= 12)
    .flatMap((form) => [
      form,
      ...(['hex', 'base64', 'base64url'] as const).flatMap((encoding) =>
        [0, 1, 2].map((offset) =>
          Buffer.from(
            Buffer.concat([Buffer.alloc(offset), form])
              .toString(encoding)
              .slice(4, -4),
          ),
        ),
      ),
      Buffer.from(form.toString('hex').toUpperCase()),
    ])
}
