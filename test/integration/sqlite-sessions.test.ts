import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  closeSync,
  copyFileSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { inspect } from 'node:util'
import { expect } from 'chai'
import { type Database, openConnection } from '#src/adapters/sqlite/driver.js'
import { R3SessionError } from '#src/domain/errors.js'
import type { NewLogin } from '#src/domain/ports.js'
import { openSqliteSessions } from '../support/open-sqlite-store.js'
import { temporaryFolder } from '../support/spawn-service.js'

const now = Date.UTC(2026, 0, 1)
const tokenOf = (n: number) => createHash('sha512').update(`token ${n}`).digest('hex')
const loginOf = (
  n: number,
  { openid = `o-${n}`, expiresAt = now + 1000, sessionKey = 'key' } = {},
): NewLogin => ({
  token: tokenOf(n),
  session: { appid: 'wx', openid, id: `id-${n}`, createdAt: now, lastSeenAt: now, expiresAt },
  sessionKey,
  epoch: 0,
  maxSessions: 10,
})
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n)

/** The cause of a `storage_unavailable`. */
async function failureOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).to.be.instanceOf(R3SessionError).and.include({ code: 'storage_unavailable' })
  expect(inspect(error, { depth: 9 })).not.to.include('SqliteError')
  return ((error as R3SessionError).cause as Error).message
}

describe('SQLite sessions', () => {
  let folder: ReturnType<typeof temporaryFolder>
  let path: string
  let opened: { close(): Promise<void> }[]
  beforeEach(() => {
    folder = temporaryFolder()
    path = join(folder.path, 'sessions.db')
    opened = []
  })
  afterEach(async () => {
    await Promise.all(opened.map((each) => each.close()))
    folder.remove()
  })

  function open({
    at = path,
    secret = 'secret',
    clock = () => now,
    pause = async (): Promise<unknown> => nextTurn(),
  } = {}) {
    const sessions = openSqliteSessions({ path: at, secrets: [secret], clock, pause })
    opened.push(sessions)
    return sessions
  }
  type Sessions = ReturnType<typeof open>
  const everyCall = (sessions: Sessions) => [
    () => sessions.save(loginOf(99)),
    () => sessions.find(tokenOf(0)),
    () => sessions.touch(tokenOf(0), loginOf(0).session),
    () => sessions.delete(tokenOf(0)),
    () => sessions.keys(loginOf(0).session),
    () => sessions.ready(),
    () => sessions.sweep(),
  ]

  describe('on a file that is taken away', () => {
    const aside = () => join(folder.path, 'aside.db')
    const losses: Record<string, { lose(): void; undo(): void }> = {
      deleted: {
        lose: () => renameSync(path, aside()),
        undo: () => renameSync(aside(), path),
      },
      'replaced by another': {
        lose: () => {
          copyFileSync(path, aside())
          renameSync(aside(), path)
        },
        undo: () => {},
      },
      emptied: {
        lose: () => {
          copyFileSync(path, aside())
          truncateSync(path, 0)
        },
        undo: () => writeFileSync(path, readFileSync(aside())),
      },
      'given another WAL': {
        lose: () => {
          copyFileSync(`${path}-wal`, aside())
          renameSync(aside(), `${path}-wal`)
        },
        undo: () => {},
      },
      'robbed of its WAL': {
        lose: () => renameSync(`${path}-wal`, aside()),
        undo: () => renameSync(aside(), `${path}-wal`),
      },
    }

    for (const [how, { lose, undo }] of Object.entries(losses)) {
      it(`confirm and answer nothing when it was ${how}, even if it comes back`, async () => {
        const sessions = open()
        await sessions.save(loginOf(0))
        lose()
        for (const call of everyCall(sessions)) expect(await failureOf(call())).to.equal('FILE_GONE')
        undo()
        for (const call of everyCall(sessions)) expect(await failureOf(call())).to.equal('FILE_GONE')
      })
    }

    it('confirm no logout when it went while that was written', async () => {
      const sessions = open()
      await sessions.save(loginOf(0))
      const ended = sessions.delete(tokenOf(0))
      rmSync(path)
      expect(await failureOf(ended)).to.equal('FILE_GONE')
    })

    it('have what was confirmed before, once it is back and opened anew', async () => {
      const sessions = open()
      await sessions.save(loginOf(0))
      renameSync(path, aside())
      await failureOf(sessions.ready())
      await sessions.close()
      renameSync(aside(), path)
      expect(await open().find(tokenOf(0))).to.deep.equal(loginOf(0).session)
    })

    it('say so as well when it can not be seen any more', async () => {
      const nested = join(folder.path, 'nested')
      const sessions = open({ at: join(nested, 'sessions.db') })
      await sessions.ready()
      renameSync(nested, join(folder.path, 'moved'))
      writeFileSync(nested, 'a file, where there was a folder')
      for (const call of everyCall(sessions)) await failureOf(call())
    })
  })

  describe('while another process has the write lock', () => {
    let other: Database
    let sessions: Sessions
    let pauses: number[]
    let releaseAfter: number
    beforeEach(async () => {
      pauses = []
      releaseAfter = Number.POSITIVE_INFINITY
      sessions = open({
        pause: async (milliseconds = 0) => {
          pauses.push(milliseconds)
          if (pauses.length === releaseAfter) other.exec('ROLLBACK')
        },
      })
      await sessions.save(loginOf(0))
      other = openConnection(path)
      other.exec('BEGIN IMMEDIATE')
    })
    afterEach(() => {
      other.close()
    })

    it('try again, a pause apart, until it is their turn', async () => {
      releaseAfter = 3
      await sessions.save(loginOf(1))
      expect(pauses).to.have.lengthOf(3)
      expect(await sessions.find(tokenOf(1))).to.deep.equal(loginOf(1).session)
    })

    it('give up after a second of pauses, with nothing changed', async () => {
      const total = async (call: () => Promise<unknown>) => {
        pauses = []
        expect(await failureOf(call())).to.match(/^SQLITE_BUSY/)
        return pauses.reduce((sum, each) => sum + each, 0)
      }
      for (const call of [
        () => sessions.save(loginOf(1)),
        () => sessions.touch(tokenOf(0), { ...loginOf(0).session, lastSeenAt: now + 1 }),
        () => sessions.delete(tokenOf(0)),
        () => sessions.ready(),
        () => sessions.sweep(),
      ])
        expect(await total(call)).to.be.within(500, 1000)
      other.exec('ROLLBACK')
      expect(await sessions.find(tokenOf(0))).to.deep.equal(loginOf(0).session)
      expect(await sessions.find(tokenOf(1))).to.equal(undefined)
    })

    it('go on finding sessions and keys', async () => {
      expect(await sessions.find(tokenOf(0))).to.deep.equal(loginOf(0).session)
      expect(await sessions.keys(loginOf(0).session)).to.deep.equal([{ key: 'key', at: now }])
      expect(pauses).to.deep.equal([])
    })

    it('give up when they are closed meanwhile', async () => {
      const failure = failureOf(sessions.save(loginOf(1)))
      while (pauses.length === 0) await nextTurn()
      await sessions.close()
      expect(await failure).to.equal('CLOSED')
    })
  })

  it('record neither session nor key when either can not be written', async () => {
    const sessions = open()
    await sessions.save(loginOf(0, { openid: 'o-ann', sessionKey: 'key-0' }))
    const other = openConnection(path)
    other.exec("CREATE TRIGGER no BEFORE INSERT ON sessions BEGIN SELECT raise(ABORT, 'canary'); END")
    const failure = await failureOf(sessions.save(loginOf(1, { openid: 'o-ann', sessionKey: 'key-1' })))
    expect(failure).to.equal('SQLITE_CONSTRAINT_TRIGGER')
    expect(await sessions.keys({ appid: 'wx', openid: 'o-ann' })).to.deep.equal([{ key: 'key-0', at: now }])
    other.exec(
      "DROP TRIGGER no; CREATE TRIGGER no BEFORE UPDATE ON users BEGIN SELECT raise(ABORT, 'canary'); END",
    )
    await failureOf(sessions.save(loginOf(1, { openid: 'o-ann', sessionKey: 'key-1' })))
    expect(await sessions.find(tokenOf(1))).to.equal(undefined)
    other.close()
  })

  it('fail with the code of SQLite alone when the file is damaged, and are not ready from then on', async () => {
    await open().save(loginOf(0))
    await Promise.all(opened.map((each) => each.close()))
    const sessions = open()
    const whole = readFileSync(path)
    const file = openSync(path, 'r+')
    // Page by page, so that the first one, with the counters of the file, stays.
    for (let page = 1; page < whole.length / 4096; page++)
      writeSync(file, Buffer.alloc(4096, 0xa5), 0, 4096, page * 4096)
    // Word of a change, on which each connection reads all pages anew.
    const other = openConnection(path)
    other.pragma('user_version = 1')
    other.close()
    expect(await failureOf(sessions.find(tokenOf(0)))).to.match(/^SQLITE_CORRUPT/)
    expect(await failureOf(sessions.save(loginOf(1)))).to.match(/^SQLITE_CORRUPT/)
    expect(await failureOf(sessions.delete(tokenOf(0)))).to.match(/^SQLITE_CORRUPT/)
    expect(await failureOf(sessions.ready())).to.match(/^SQLITE_CORRUPT/)
    writeSync(file, whole, 0, whole.length, 0)
    closeSync(file)
    expect(await failureOf(sessions.ready())).to.match(
      /^SQLITE_CORRUPT: a page is damaged; stop, and put a backup/,
    )
  })

  it('open no keys that were moved to the row of another user, whatever the names', async () => {
    const [ann, eve] = [
      { appid: 'wx', openid: 'ann' },
      { appid: 'wxa', openid: 'nn' },
    ]
    const sessions = open()
    for (const user of [ann, eve]) {
      const login = loginOf(0)
      await sessions.save({ ...login, token: user.openid, session: { ...login.session, ...user } })
    }
    const other = openConnection(path)
    other.exec("UPDATE users SET sealed_keys = (SELECT sealed_keys FROM users WHERE openid = 'ann')")
    other.close()
    expect(await sessions.keys(eve)).to.deep.equal([])
    expect(await sessions.keys(ann)).to.deep.equal([{ key: 'key', at: now }])
  })

  it('leave no token, session_key or secret in any file', async () => {
    const sessionKey = 'tiihtNczf5v6AKRyjwEUhQ=='
    const secret = 'a-secret-that-is-not-to-be-found'
    const sessions = open({ secret })
    for (const n of [0, 1, 2]) await sessions.save(loginOf(n, { sessionKey }))
    await sessions.touch(tokenOf(0), { ...loginOf(0).session, lastSeenAt: now + 1 })
    await sessions.delete(tokenOf(1))
    await sessions.keys(loginOf(0).session)
    const bytesOf = (names: string[]) =>
      Buffer.concat(names.map((name) => readFileSync(join(folder.path, name))))
    const whileOpen = bytesOf(['sessions.db', 'sessions.db-wal', 'sessions.db-shm'])
    await sessions.close()
    const tokens = [0, 1, 2].map((n) => Buffer.from(tokenOf(n), 'hex'))
    const texts = [0, 1, 2].map((n) => Buffer.from(tokenOf(n)))
    const rest = [Buffer.from(sessionKey, 'base64'), Buffer.from(sessionKey), Buffer.from(secret)]
    for (const bytes of [whileOpen, bytesOf(readdirSync(folder.path))]) {
      expect(bytes.includes('o-0'), 'what is no secret is found').to.equal(true)
      for (const canary of [...tokens, ...texts, ...rest]) {
        expect(bytes.includes(canary)).to.equal(false)
        for (const encoding of ['hex', 'base64', 'base64url'] as const) {
          const written = canary.toString(encoding).replace(/=*$/, '')
          expect(bytes.includes(written)).to.equal(false)
          expect(bytes.includes(written.toUpperCase())).to.equal(false)
        }
      }
    }
  })

  describe('of a process of their own', () => {
    const start = (then: string) => {
      const program = `${logins(path)}; console.log('confirmed'); ${then}`
      return spawn(process.execPath, ['--input-type=module', '-e', program], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
    }
    const checkConfirmed = async () => {
      const sessions = open()
      for (const n of numbers(20)) {
        const session = n === 7 ? undefined : loginOf(n).session
        expect(await sessions.find(tokenOf(n)), String(n)).to.deep.equal(session)
      }
      expect(await sessions.keys(loginOf(3).session)).to.deep.equal([{ key: 'key', at: now }])
    }

    it('have everything that was confirmed after kill -9', async () => {
      const child = start('setInterval(() => {}, 1000)')
      const [said] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
      child.kill('SIGKILL')
      expect(await once(child, 'exit')).to.deep.equal([null, 'SIGKILL'])
      expect(String(said)).to.equal('confirmed\n')
      expect(readdirSync(folder.path)).to.include('sessions.db-wal')
      await checkConfirmed()
    })

    it('let it end once they are closed', async () => {
      const child = start('await close()')
      expect(await once(child, 'exit')).to.deep.equal([0, null])
      await checkConfirmed()
    })
  })

  describe('when they are closed', () => {
    for (const at of [':memory:', 'sessions.db']) {
      it(`fail with every call from then on (${at})`, async () => {
        const sessions = open({ at: at === ':memory:' ? at : path })
        await sessions.save(loginOf(0))
        await sessions.close()
        for (const call of everyCall(sessions)) expect(await failureOf(call())).to.equal('CLOSED')
        expect(await sessions.close()).to.equal(undefined)
      })
    }

    it('have what they confirmed, and confirm only what they have', async () => {
      const sessions = open()
      const saved = numbers(50).map((n) => sessions.save(loginOf(n)))
      await saved[5]
      const closed = sessions.close()
      const results = await Promise.allSettled(saved)
      await closed
      const again = open()
      for (const [n, { status }] of results.entries()) {
        if (status === 'fulfilled') expect(await again.find(tokenOf(n))).to.deep.equal(loginOf(n).session)
      }
      expect(results.filter(({ status }) => status === 'fulfilled').length).to.be.greaterThan(5)
    })
  })

  for (const at of [':memory:', 'sessions.db']) {
    describe(`when they are swept (${at})`, () => {
      let sessions: Sessions
      beforeEach(() => {
        sessions = open({ at: at === ':memory:' ? at : path })
      })
      const keysOf = (openid: string) => sessions.keys({ appid: 'wx', openid })
      /** Every third session lives, the others have ended; each of 151 users has one or two. */
      const saveMany = (count: number) =>
        Promise.all(
          numbers(count).map((n) =>
            sessions.save(loginOf(n, { openid: `o-${n % 151}`, expiresAt: n % 3 === 0 ? now + 1 : now })),
          ),
        )

      it('lose what has ended, and keep what lives', async () => {
        await saveMany(250)
        await sessions.sweep()
        for (const n of numbers(250)) {
          const found = await sessions.find(tokenOf(n))
          expect(found?.id, String(n)).to.equal(n % 3 === 0 ? `id-${n}` : undefined)
        }
      })

      it('lose the keys of users who have no session left, and of nobody else', async () => {
        await saveMany(250)
        await sessions.sweep()
        const needed = new Set(
          numbers(250)
            .filter((n) => n % 3 === 0)
            .map((n) => n % 151),
        )
        for (const user of numbers(151)) {
          expect((await keysOf(`o-${user}`)).length, String(user)).to.equal(needed.has(user) ? 1 : 0)
        }
        expect(needed.size).to.be.within(1, 150)
      })

      it('let others take their turns meanwhile', async () => {
        await saveMany(250)
        let turns = 0
        let swept = false
        const sweep = sessions.sweep().finally(() => {
          swept = true
        })
        await sessions.save(loginOf(1000))
        while (!swept) {
          await nextTurn()
          turns++
        }
        await sweep
        expect(turns).to.be.greaterThan(4)
        expect(await sessions.find(tokenOf(1000))).to.deep.equal(loginOf(1000).session)
        expect(await keysOf('o-1000')).to.deep.equal([{ key: 'key', at: now }])
      })

      it('join a sweep under way, and can be swept again', async () => {
        let sweeps = 0
        const counted = open({
          at: at === ':memory:' ? at : path,
          clock: () => {
            sweeps++
            return now
          },
        })
        await Promise.all([counted.sweep(), counted.sweep()])
        expect(sweeps).to.equal(1)
        await counted.save(loginOf(9, { expiresAt: now }))
        await counted.sweep()
        expect(sweeps).to.equal(2)
        expect(await counted.find(tokenOf(9))).to.equal(undefined)
      })

      it('end the sweep without an error when they are closed', async () => {
        await saveMany(250)
        const sweep = sessions.sweep()
        await nextTurn()
        await sessions.close()
        expect(await sweep).to.equal(undefined)
      })

      it('have nothing to do when there is nothing', async () => {
        expect(await sessions.sweep()).to.equal(undefined)
      })
    })
  }
})

/** A program that logs 20 users in and one of them out. */
const logins = (path: string) => `
  import { randomBytes } from 'node:crypto'
  import { createAesSealer } from '#src/adapters/crypto/sealer.js'
  import { openSqlite } from '#src/adapters/sqlite/open.js'
  import { createRepositories } from '#src/adapters/store/repositories.js'
  const { raw, close } = openSqlite({ path: ${JSON.stringify(path)}, clock: () => ${now}, elapsed: () => 0, async pause() {}, prepare() {} })
  const { sessions } = createRepositories(raw, createAesSealer(['secret'], randomBytes))
  await Promise.all(${JSON.stringify(numbers(20).map((n) => loginOf(n)))}.map((login) => sessions.save(login)))
  await sessions.delete('${tokenOf(7)}')`
