import { inspect } from 'node:util'
import { expect } from 'chai'
import fc from 'fast-check'
import { type ErrorCode, R3SessionError } from '#src/domain/errors.js'
import type { ClaimTimes, LoginAttempt, NewLogin, SessionRepository } from '#src/domain/ports.js'
import type { Session, UserKey } from '#src/domain/session.js'
import { createFakeSessions } from '../support/fake-sessions.js'

/** A repository without any data in it. */
export interface OpenLogins {
  readonly repository: SessionRepository
  /** Another instance on the same data, as another process has it; the same one where there can be no other. */
  readonly other: SessionRepository
  /** Puts the store out of reach of `repository`. */
  breakDown(): Promise<void>
  /** Ends everything that was opened. */
  close(): Promise<void>
}

export const start = Date.UTC(2026, 0, 1)
export const ann = { appid: 'wx-one', openid: 'o-ann' }
const ben = { appid: 'wx-one', openid: 'o-ben' }
const annElsewhere = { appid: 'wx-two', openid: 'o-ann' }
export const tokenOf = (n: number) => n.toString(16).padStart(128, '0')

/** The n-th login of a test: it began at epoch 0 and lives from the n-th millisecond for a second. */
export function loginOf(n: number, user: UserKey = ann, more: Partial<NewLogin & Session> = {}): NewLogin {
  const { createdAt = start + n, expiresAt = createdAt + 1000, unionid, ...login } = more
  const { appid, openid } = user
  const id = n.toString(16).padStart(32, '0')
  const session = { appid, openid, id, createdAt, lastSeenAt: createdAt, expiresAt }
  return {
    token: tokenOf(n),
    session: unionid === undefined ? session : { ...session, unionid },
    sessionKey: 'key-1',
    epoch: 0,
    maxSessions: 100,
    ...login,
  }
}

/** A claim as most tests make it: for 10 seconds, and remembered for 60. */
export function at(now: number): ClaimTimes {
  return { now, until: now + 10_000, forgottenAt: now + 60_000 }
}

export function codeOf(call: Promise<unknown>): Promise<ErrorCode | 'resolved'> {
  return call.then(
    () => 'resolved',
    (error) => {
      if (error instanceof R3SessionError) return error.code
      throw error
    },
  )
}

/** What SessionRepository promises around logins: who is thrown out, who makes room, who gets the answer again. */
export function describeSessionRepositoryLogins(name: string, openLogins: () => Promise<OpenLogins>): void {
  describe(`SessionRepository, around logins: ${name}`, () => {
    let open: OpenLogins
    let sessions: SessionRepository
    let other: SessionRepository
    beforeEach(async () => {
      open = await openLogins()
      sessions = open.repository
      other = open.other
    })
    afterEach(() => open.close())

    const idsOf = async (user: UserKey, now = start + 100) =>
      (await other.list(user, now)).map(({ id }) => Number.parseInt(id, 16))

    describe('maxSessions', () => {
      it('has the oldest sessions make room, of this user alone', async () => {
        await other.save(loginOf(1, ben))
        await other.save(loginOf(2, annElsewhere))
        for (const n of [3, 4, 5, 6]) await sessions.save(loginOf(n, ann, { maxSessions: 2 }))
        expect(await idsOf(ann)).to.deep.equal([6, 5])
        expect(await other.find(tokenOf(4))).to.equal(undefined)
        expect(await idsOf(ben)).to.deep.equal([1])
        expect(await idsOf(annElsewhere)).to.deep.equal([2])
      })

      it('goes by when sessions began, not by when they were used or recorded', async () => {
        for (const n of [2, 1, 3]) await sessions.save(loginOf(n))
        await sessions.touch(tokenOf(1), { ...loginOf(1).session, lastSeenAt: start + 50 })
        await sessions.save(loginOf(4, ann, { maxSessions: 3 }))
        expect(await idsOf(ann)).to.deep.equal([4, 3, 2])
      })

      it('never ends the new one, even when it began before the others', async () => {
        for (const n of [5, 6, 7]) await sessions.save(loginOf(n))
        await sessions.save(loginOf(1, ann, { maxSessions: 2 }))
        expect(await idsOf(ann)).to.deep.equal([7, 1])
        await sessions.save(loginOf(2, ann, { maxSessions: 1 }))
        expect(await idsOf(ann)).to.deep.equal([2])
      })

      it('does not count sessions that are over', async () => {
        await sessions.save(loginOf(1))
        await sessions.save(loginOf(2, ann, { expiresAt: start + 10 }))
        await sessions.save(loginOf(10, ann, { maxSessions: 2 }))
        expect(await idsOf(ann)).to.deep.equal([10, 1])
      })

      it('lowers a user who had more', async () => {
        for (let n = 1; n <= 20; n++) await sessions.save(loginOf(n))
        await sessions.save(loginOf(21, ann, { maxSessions: 3 }))
        expect(await idsOf(ann)).to.deep.equal([21, 20, 19])
      })
    })

    describe('list', () => {
      it('gives the sessions as they are recorded, the latest first', async () => {
        for (const n of [2, 3, 1]) await sessions.save(loginOf(n, ann, { unionid: 'u-ann' }))
        const { session } = loginOf(2, ann, { unionid: 'u-ann' })
        const used = { ...session, lastSeenAt: start + 50, expiresAt: start + 1050 }
        await sessions.touch(tokenOf(2), used)
        expect(await other.list(ann, start + 100)).to.deep.equal([
          loginOf(3, ann, { unionid: 'u-ann' }).session,
          used,
          loginOf(1, ann, { unionid: 'u-ann' }).session,
        ])
      })

      it('leaves out sessions from their end on, ended ones and those of others', async () => {
        for (const n of [1, 2, 3]) await sessions.save(loginOf(n))
        await sessions.save(loginOf(4, ben))
        await sessions.save(loginOf(5, annElsewhere))
        await sessions.delete(tokenOf(2))
        expect(await idsOf(ann, start + 1000)).to.deep.equal([3, 1])
        expect(await idsOf(ann, start + 1001)).to.deep.equal([3])
        expect(await idsOf(ann, start + 1003)).to.deep.equal([])
        expect(await idsOf({ appid: 'wx-two', openid: 'o-ben' })).to.deep.equal([])
      })
    })

    describe('endAll', () => {
      it('ends every session of the user and of nobody else', async () => {
        for (const n of [1, 2]) await sessions.save(loginOf(n))
        await sessions.save(loginOf(3, ben))
        await sessions.save(loginOf(4, annElsewhere))
        expect(await other.endAll(ann, start + 100)).to.equal(2)
        for (const n of [1, 2]) expect(await sessions.find(tokenOf(n))).to.equal(undefined)
        expect(await idsOf(ann)).to.deep.equal([])
        for (const n of [3, 4]) expect(await sessions.find(tokenOf(n))).to.be.an('object')
      })

      it('tells how many lived at that moment', async () => {
        for (const n of [1, 2, 3]) await sessions.save(loginOf(n))
        expect(await sessions.endAll(ann, start + 1002)).to.equal(1)
        expect(await sessions.endAll(ann, start + 1002)).to.equal(0)
        expect(await sessions.endAll({ appid: 'wx', openid: 'o-nobody' }, start)).to.equal(0)
      })

      it('ends the logins under way, those of an unknown user included, but puts their key on the ring', async () => {
        for (const user of [ann, ben]) {
          if (user === ann) await sessions.save(loginOf(1))
          const epoch = await sessions.epoch()
          await other.endAll(user, start)
          const late = loginOf(2, user, { epoch, sessionKey: 'key-late' })
          expect(await codeOf(sessions.save(late))).to.equal('invalid_session')
          expect(await sessions.find(tokenOf(2))).to.equal(undefined)
          expect(await idsOf(user)).to.deep.equal([])
          expect((await other.keys(user))[0]).to.deep.equal({ key: 'key-late', at: start + 2 })
        }
      })

      it('leaves logins alone that begin later, and those of others', async () => {
        const before = await sessions.epoch()
        await sessions.endAll(ann, start)
        await sessions.save(loginOf(1, ann, { epoch: await other.epoch() }))
        await sessions.save(loginOf(2, ben, { epoch: before }))
        await sessions.save(loginOf(3, annElsewhere, { epoch: before }))
        expect([await idsOf(ann), await idsOf(ben), await idsOf(annElsewhere)]).to.deep.equal([[1], [2], [3]])
      })

      it('is remembered beside what later ones did to others', async () => {
        const epoch = await sessions.epoch()
        await sessions.endAll(ann, start)
        await other.endAll(ben, start)
        expect(await codeOf(sessions.save(loginOf(1, ann, { epoch })))).to.equal('invalid_session')
        expect(await codeOf(sessions.save(loginOf(2, ann, { epoch: epoch + 1 })))).to.equal('resolved')
        expect(await codeOf(sessions.save(loginOf(3, ben, { epoch: epoch + 1 })))).to.equal('invalid_session')
      })

      it('keeps touch from bringing a session back', async () => {
        await sessions.save(loginOf(1))
        await sessions.endAll(ann, start)
        await sessions.touch(tokenOf(1), loginOf(1).session)
        expect(await sessions.find(tokenOf(1))).to.equal(undefined)
      })
    })

    it('has an epoch that only endAll raises, on all instances', async () => {
      const epochs = [await sessions.epoch()]
      for (const user of [ann, ben, ann]) {
        await sessions.save(loginOf(1, user, { epoch: await sessions.epoch() }))
        await sessions.delete(tokenOf(1))
        expect(await other.epoch()).to.equal(epochs.at(-1))
        await sessions.endAll(user, start)
        epochs.push(await other.epoch())
        expect(await sessions.epoch()).to.equal(epochs.at(-1))
      }
      expect(epochs).to.deep.equal([...new Set(epochs)].sort((a, b) => a - b))
    })

    describe('replaceKey', () => {
      beforeEach(async () => {
        await sessions.save(loginOf(1, ann, { sessionKey: 'key-1' }))
        await sessions.save(loginOf(2, ann, { sessionKey: 'key-2' }))
      })
      const before = [
        { key: 'key-2', at: start + 2 },
        { key: 'key-1', at: start + 1, replacedAt: start + 2 },
      ]

      it('puts a new key on the ring', async () => {
        await sessions.replaceKey(ann, { replaces: 'key-2', sessionKey: 'key-3', now: start + 9 })
        expect(await other.keys(ann)).to.deep.equal([
          { key: 'key-3', at: start + 9 },
          { key: 'key-2', at: start + 2, replacedAt: start + 9 },
          { key: 'key-1', at: start + 1, replacedAt: start + 2 },
        ])
      })

      it('marks the newest key as replaced, once', async () => {
        await sessions.replaceKey(ann, { replaces: 'key-2', now: start + 9 })
        await other.replaceKey(ann, { replaces: 'key-2', now: start + 20 })
        expect(await other.keys(ann)).to.deep.equal([
          { key: 'key-2', at: start + 2, replacedAt: start + 9 },
          { key: 'key-1', at: start + 1, replacedAt: start + 2 },
        ])
      })

      it('marks no key that another one has replaced already', async () => {
        await sessions.replaceKey(ann, { replaces: 'key-1', now: start + 9 })
        await sessions.replaceKey(ann, { replaces: 'key-0', now: start + 9 })
        expect(await other.keys(ann)).to.deep.equal(before)
      })

      it('does nothing for a user without a ring, thrown out or unknown', async () => {
        await sessions.endAll(ben, start)
        for (const user of [ben, annElsewhere]) {
          await sessions.replaceKey(user, { replaces: 'key-2', sessionKey: 'key-3', now: start })
          await sessions.replaceKey(user, { replaces: 'key-2', now: start })
          expect(await sessions.keys(user)).to.deep.equal([])
        }
        expect(await sessions.keys(ann)).to.deep.equal(before)
      })

      it('loses no key of logins at the same time', async () => {
        for (let round = 0; round < 10; round++) {
          const user = { appid: 'wx', openid: `o-${round}` }
          await sessions.save(loginOf(3, user))
          const calls = [
            () => sessions.replaceKey(user, { replaces: 'key-1', sessionKey: 'key-2', now: start + 9 }),
            () => other.save(loginOf(4, user, { sessionKey: 'key-3' })),
          ]
          if (round % 2) calls.reverse()
          await Promise.all(calls.map((call) => call()))
          const keys = (await sessions.keys(user)).map(({ key }) => key)
          expect(keys).to.have.members(['key-1', 'key-2', 'key-3'])
        }
      })
    })

    describe('claim', () => {
      const attempt = { appid: 'wx-one', code: 'code', key: 'key' }
      const answer = { r3session: tokenOf(1), expiresAt: start + 1001 }
      const finish = (more: Partial<LoginAttempt> = {}) =>
        sessions.save(loginOf(1, ann, { attempt: { ...attempt, ...more } }))

      it('is first once, and running for everybody else', async () => {
        expect(await sessions.claim(attempt, at(start))).to.equal('first')
        expect(await sessions.claim(attempt, at(start))).to.equal('running')
        expect(await other.claim(attempt, at(start + 9_999))).to.equal('running')
      })

      it('gives the answer of the login that was saved for it', async () => {
        await sessions.claim(attempt, at(start))
        await finish()
        for (const now of [start, start + 10_000, start + 59_999])
          expect(await other.claim(attempt, at(now))).to.deep.equal(answer)
      })

      it('is taken with another key, whatever became of it', async () => {
        await sessions.claim(attempt, at(start))
        expect(await other.claim({ ...attempt, key: 'another' }, at(start + 10_000))).to.equal('taken')
        await finish()
        expect(await other.claim({ ...attempt, key: 'another' }, at(start + 59_999))).to.equal('taken')
        expect(await other.claim(attempt, at(start + 59_999))).to.deep.equal(answer)
      })

      it('is of one app, code and key, however they run together', async () => {
        await sessions.claim(attempt, at(start))
        const others = [
          { appid: 'wx-two', code: 'code', key: 'key' },
          { appid: 'wx-onec', code: 'ode', key: 'key' },
          { appid: 'wx-one', code: 'codek', key: 'ey' },
          { appid: 'wx-one', code: 'code","key', key: '' },
          { appid: 'wx-one', code: 'CODE', key: 'key' },
        ]
        for (const each of others) expect(await other.claim(each, at(start)), each.code).to.equal('first')
      })

      it('ends 60 seconds after the first claim, answered or not', async () => {
        await sessions.claim(attempt, at(start))
        expect(await other.claim(attempt, at(start + 50_000))).to.equal('first')
        expect(await other.claim({ ...attempt, key: 'another' }, at(start + 59_999))).to.equal('taken')
        expect(await other.claim({ ...attempt, key: 'another' }, at(start + 60_000))).to.equal('first')
        await finish({ key: 'another' })
        expect(await sessions.claim({ ...attempt, key: 'another' }, at(start + 119_999))).to.deep.equal(
          answer,
        )
        expect(await sessions.claim({ ...attempt, key: 'another' }, at(start + 120_000))).to.equal('first')
      })

      it('can be made again when its process died, by one other at a time', async () => {
        await sessions.claim(attempt, at(start))
        expect(await other.claim(attempt, at(start + 10_000))).to.equal('first')
        expect(await other.claim(attempt, at(start + 10_000))).to.equal('running')
        expect(await sessions.claim(attempt, at(start + 19_999))).to.equal('running')
        expect(await sessions.claim(attempt, at(start + 20_000))).to.equal('first')
      })

      it('lasts as long as each claimer says, and is remembered no shorter', async () => {
        const minute = { now: start, until: start + 65_000, forgottenAt: start + 60_000 }
        await sessions.claim(attempt, minute)
        expect(await other.claim(attempt, at(start + 64_999))).to.equal('running')
        expect(await other.claim({ ...attempt, key: 'another' }, at(start + 64_999))).to.equal('taken')
        expect(await other.claim(attempt, at(start + 65_000))).to.equal('first')
      })

      it('is not forgotten while a later claim lasts', async () => {
        await sessions.claim(attempt, at(start))
        expect(await other.claim(attempt, at(start + 55_000))).to.equal('first')
        expect(await sessions.claim(attempt, at(start + 64_999))).to.equal('running')
        await finish()
        expect(await sessions.claim(attempt, at(start + 64_999))).to.deep.equal(answer)
        expect(await sessions.claim(attempt, at(start + 65_000))).to.equal('first')
      })

      it('is first for one of many at the same time, also when it ran out', async () => {
        for (const now of [start, start + 10_000, start + 60_000]) {
          const many = Array.from({ length: 40 }, (_, n) =>
            (n % 2 ? other : sessions).claim(attempt, at(now)),
          )
          const told = await Promise.all(many)
          expect(told.filter((claim) => claim === 'first')).to.have.length(1)
          expect(told.filter((claim) => claim === 'running')).to.have.length(39)
        }
      })

      it('begins anew when it was abandoned, with any key', async () => {
        await sessions.claim(attempt, at(start))
        await sessions.abandon(attempt)
        expect(await other.claim({ ...attempt, key: 'another' }, at(start))).to.equal('first')
      })

      it('is not given up by who did not make it', async () => {
        await sessions.claim(attempt, at(start))
        for (const each of ['another', '']) await other.abandon({ ...attempt, key: each })
        await other.abandon({ ...attempt, appid: 'wx-two' })
        await other.abandon({ ...attempt, code: 'another' })
        expect(await other.claim(attempt, at(start))).to.equal('running')
      })

      it('keeps an answer that is recorded', async () => {
        await sessions.claim(attempt, at(start))
        await finish()
        await sessions.abandon(attempt)
        expect(await other.claim(attempt, at(start))).to.deep.equal(answer)
      })

      it('is not answered by a login with another key', async () => {
        await sessions.claim(attempt, at(start))
        await finish({ key: 'another' })
        expect(await other.claim(attempt, at(start))).to.equal('running')
        expect(await other.claim({ ...attempt, key: 'another' }, at(start))).to.equal('taken')
      })

      it('begins anew when its user was thrown out meanwhile', async () => {
        await sessions.claim(attempt, at(start))
        await other.endAll(ann, start)
        expect(await codeOf(finish())).to.equal('invalid_session')
        expect(await other.claim(attempt, at(start))).to.equal('first')
      })
    })

    it('leaves no session of an older epoch alive, whatever comes between', async () => {
      let run = 0
      await fc.assert(
        fc.asyncProperty(
          fc.scheduler(),
          fc.array(actor, { minLength: 2, maxLength: 8 }),
          async (s, actors) => {
            const user = { appid: 'wx-race', openid: `o-${run++}` }
            const turn = () => s.schedule(Promise.resolve())
            const logins: { token: string; epoch: number }[] = []
            const deleted: string[] = []
            const began = await sessions.epoch()

            const play = actors.map(async (does, n) => {
              const store = n % 2 ? other : sessions
              await turn()
              if (does === 'endAll') return store.endAll(user, start)
              if (does === 'delete') {
                const token = logins.at(-1)?.token ?? tokenOf(0)
                deleted.push(token)
                return store.delete(token)
              }
              const epoch = await store.epoch()
              await turn()
              if (does === 'find') {
                const [earliest] = logins
                const found = earliest && (await store.find(earliest.token))
                if (earliest && earliest.epoch < epoch)
                  expect(found, 'found after its end').to.equal(undefined)
                return
              }
              const login = loginOf(n, user, { epoch, token: tokenOf(run * 1000 + n) })
              logins.push({ token: login.token, epoch })
              const outcome = await codeOf(store.save(login))
              await turn()
              if (outcome === 'resolved') await store.touch(login.token, login.session)
              else expect(outcome).to.equal('invalid_session')
            })
            await s.waitFor(Promise.all(play))

            const epoch = await sessions.epoch()
            expect(epoch - began).to.equal(actors.filter((does) => does === 'endAll').length)
            for (const login of logins) {
              const alive = (await sessions.find(login.token)) !== undefined
              if (login.epoch < epoch) expect(alive, 'of an older epoch').to.equal(false)
              else if (!deleted.includes(login.token)) expect(alive, 'of the last epoch').to.equal(true)
            }
          },
        ),
        { numRuns: 60 },
      )
    }).timeout(30_000)

    it('does over any run of calls what the model does', async () => {
      let run = 0
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), async (steps) => {
          run++
          const expected = await playSteps([createFakeSessions()], steps, run)
          expect(await playSteps([sessions, other], steps, run)).to.deep.equal(expected)
        }),
        { numRuns: 60 },
      )
    }).timeout(30_000)

    it('fails with storage_unavailable, and names no secret, when the store is out of reach', async () => {
      const attempt = { appid: 'wx-one', code: 'the-login-code', key: 'the-idempotency-key' }
      await open.breakDown()
      const calls = [
        () => sessions.save(loginOf(0xabc, ann, { attempt, sessionKey: 'the-session-key' })),
        () => sessions.epoch(),
        () => sessions.list(ann, start),
        () => sessions.endAll(ann, start),
        () => sessions.replaceKey(ann, { replaces: 'the-session-key', now: start }),
        () => sessions.claim(attempt, at(start)),
        () => sessions.abandon(attempt),
      ]
      for (const call of calls) {
        const error = await call().then(
          () => undefined,
          (reason) => reason,
        )
        expect(error, String(call))
          .to.be.instanceOf(R3SessionError)
          .and.include({ code: 'storage_unavailable' })
        const said = inspect(error, { depth: 9 })
        for (const secret of [tokenOf(0xabc), ...Object.values(attempt), 'the-session-key', 'o-ann'])
          expect(said).not.to.include(secret)
      }
    })
  })
}

const actor = fc.constantFrom('login', 'login', 'login', 'endAll', 'delete', 'find')

const number = fc.nat({ max: 2 })
const step = fc.record({
  /** Milliseconds since the step before. */
  after: fc.constantFrom(1, 5, 500, 3_000, 10_000, 30_000),
  name: fc.constantFrom(
    'login',
    'login',
    'epoch',
    'endAll',
    'list',
    'replaceKey',
    'mark',
    'claim',
    'abandon',
  ),
  user: number,
  code: number,
  key: number,
  maxSessions: fc.constantFrom(1, 2, 3, 100),
  life: fc.constantFrom(1, 2_000, 60_000),
  withAttempt: fc.boolean(),
})
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

/** What each call gives, the instances taking turns. Users, codes and tokens are those of this run alone. */
async function playSteps(stores: SessionRepository[], steps: readonly Step[], run: number) {
  const told: unknown[] = []
  let now = start
  let epoch = 0
  let first = 0
  for (const [n, { name, ...given }] of steps.entries()) {
    const sessions = stores[n % stores.length]
    if (sessions === undefined) break
    now += given.after
    if (n === 0) first = epoch = await sessions.epoch()
    const user = { appid: `wx-${given.user >> 1}`, openid: `o-${given.user & 1}-${run}` }
    const attempt = { appid: user.appid, code: `code-${given.code}-${run}`, key: `key-${given.key}` }
    const token = tokenOf(run * 1000 + n)
    const sessionKey = `key-${given.key}`
    const { maxSessions } = given
    const times = { createdAt: now, expiresAt: now + given.life }
    const claimed = given.withAttempt ? { attempt } : {}
    const calls: Record<Step['name'], () => Promise<unknown>> = {
      login: () =>
        codeOf(
          sessions.save(loginOf(n, user, { ...times, token, sessionKey, epoch, maxSessions, ...claimed })),
        ),
      epoch: async () => {
        epoch = await sessions.epoch()
        return epoch - first
      },
      endAll: () => sessions.endAll(user, now),
      list: () => sessions.list(user, now),
      replaceKey: () => sessions.replaceKey(user, { replaces: sessionKey, sessionKey, now }),
      mark: () => sessions.replaceKey(user, { replaces: sessionKey, now }),
      claim: () => sessions.claim(attempt, at(now)),
      abandon: () => sessions.abandon(attempt),
    }
    told.push([name, await calls[name](), await sessions.keys(user)])
  }
  return told
}
