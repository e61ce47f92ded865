import { inspect } from 'node:util'
import { expect } from 'chai'
import fc from 'fast-check'
import { R3SessionError } from '#src/domain/errors.js'
import { liveKeys, REPLACED_KEY_LIFE, RING_SIZE } from '#src/domain/key-ring.js'
import type { SessionRepository } from '#src/domain/ports.js'
import type { Session, UserKey } from '#src/domain/session.js'
import { createFakeSessions } from '../support/fake-sessions.js'

/** An adapter to be held to the contract. */
export interface RepositoryOnTrial {
  readonly name: string
  open(): Promise<OpenRepository>
  /** Why no second instance can be opened on the same data; names the sentences that are not tested for it. */
  readonly alone?: string
}

/** A repository without any data in it. */
export interface OpenRepository {
  readonly repository: SessionRepository
  /** A second instance on the same data, that seals with these secrets; `repository` seals with `['secret']`. */
  another?(secrets: readonly string[]): Promise<SessionRepository>
  /** Puts the store out of reach of `repository`. */
  breakDown(): Promise<void>
  /** Ends everything that was opened. */
  close(): Promise<void>
}

const start = Date.UTC(2026, 0, 1)
const ann = { appid: 'wx-one', openid: 'o-ann' }
const tokenOf = (n: number) => n.toString(16).padStart(128, '0')
const sessionOf = (user: UserKey, more: Partial<Session> = {}): Session => ({
  id: '0123456789abcdef0123456789abcdef',
  createdAt: start,
  lastSeenAt: start,
  expiresAt: start + 1000,
  appid: user.appid,
  openid: user.openid,
  ...more,
})

/** What a login needs besides, where epochs and the number of sessions are not the subject. */
const unlimited = { epoch: 0, maxSessions: 1_000_000 }

/** The contract of SessionRepository. */
export function describeSessionRepository(onTrial: RepositoryOnTrial): void {
  describe(`SessionRepository: ${onTrial.name}`, () => {
    let open: OpenRepository
    let sessions: SessionRepository
    beforeEach(async () => {
      open = await onTrial.open()
      sessions = open.repository
    })
    afterEach(() => open.close())

    const save = (n: number, user: UserKey = ann, sessionKey = 'key-1', more: Partial<Session> = {}) =>
      sessions.save({ token: tokenOf(n), session: sessionOf(user, more), sessionKey, ...unlimited })
    const keysOf = async (user: UserKey) => (await sessions.keys(user)).map(({ key }) => key)

    describe('save and find', () => {
      it('finds a session by its token exactly as it was saved', async () => {
        const known = sessionOf(ann, { unionid: 'u-ann' })
        const unknown = sessionOf({ appid: 'wx-two', openid: 'o-ben' })
        await sessions.save({ token: tokenOf(1), session: known, sessionKey: 'key', ...unlimited })
        await sessions.save({ token: tokenOf(2), session: unknown, sessionKey: 'key', ...unlimited })
        expect(await sessions.find(tokenOf(1))).to.deep.equal(known)
        expect(await sessions.find(tokenOf(2))).to.deep.equal(unknown)
      })

      it('finds it also past its end, as often as one looks', async () => {
        await save(1, ann, 'key', { expiresAt: 1 })
        for (let look = 0; look < 3; look++)
          expect(await sessions.find(tokenOf(1))).to.deep.equal(sessionOf(ann, { expiresAt: 1 }))
      })

      it('finds nothing for any other string', async () => {
        await save(0xabc)
        const token = tokenOf(0xabc)
        const others = [
          '',
          '0',
          token.slice(1),
          `${token}0`,
          ` ${token}`,
          token.toUpperCase(),
          '\0',
          '%',
          '\ud800',
        ]
        for (const other of others) expect(await sessions.find(other), other).to.equal(undefined)
        await fc.assert(
          fc.asyncProperty(fc.string(), async (other) => {
            expect(await sessions.find(other)).to.equal(undefined)
          }),
        )
      })

      it('keeps all sessions of a user, and puts the key of each login on the ring', async () => {
        await save(1, ann, 'key-1')
        await save(2, ann, 'key-2', { createdAt: start + 5 })
        expect(await sessions.find(tokenOf(1))).to.deep.equal(sessionOf(ann))
        expect(await sessions.find(tokenOf(2))).to.deep.equal(sessionOf(ann, { createdAt: start + 5 }))
        expect(await sessions.keys(ann)).to.deep.equal([
          { key: 'key-2', at: start + 5 },
          { key: 'key-1', at: start, replacedAt: start + 5 },
        ])
      })

      it('loses no key and no session of logins that happen at once', async () => {
        await Promise.all([1, 2, 3].map((n) => save(n, ann, `key-${n}`)))
        expect(await keysOf(ann)).to.have.members(['key-1', 'key-2', 'key-3'])
        for (const n of [1, 2, 3]) expect(await sessions.find(tokenOf(n))).to.deep.equal(sessionOf(ann))
      })
    })

    describe('keys', () => {
      it('are none for a user who never logged in', async () => {
        expect(await sessions.keys(ann)).to.deep.equal([])
      })

      it('come newest first, no more of them than a ring holds', async () => {
        for (let n = 1; n <= RING_SIZE + 2; n++) await save(n, ann, `key-${n}`)
        expect(await keysOf(ann)).to.deep.equal(['key-5', 'key-4', 'key-3'])
      })

      it('stay as they are when WeChat gives the newest again', async () => {
        await save(1, ann, 'key-1')
        await save(2, ann, 'key-1', { createdAt: start + 5 })
        expect(await sessions.keys(ann)).to.deep.equal([{ key: 'key-1', at: start + 5 }])
      })

      it('include replaced ones that no longer count, until the next login', async () => {
        await save(1, ann, 'key-1')
        await save(2, ann, 'key-2')
        expect(liveKeys(await sessions.keys(ann), start + REPLACED_KEY_LIFE)).to.deep.equal([
          { key: 'key-2', at: start },
        ])
        expect(await keysOf(ann)).to.deep.equal(['key-2', 'key-1'])
        await save(3, ann, 'key-3', { createdAt: start + REPLACED_KEY_LIFE })
        expect(await keysOf(ann)).to.deep.equal(['key-3', 'key-2'])
      })

      it('belong to a user of one mini program, however names run together', async () => {
        const users = [
          { appid: 'wx', openid: 'o1' },
          { appid: 'wxo', openid: '1' },
          { appid: 'wx","o', openid: '1' },
          { appid: 'wx:o', openid: '1' },
          { appid: 'wx', openid: 'o:1' },
          { appid: 'WX', openid: 'O1' },
        ]
        for (const [n, user] of users.entries()) await save(n, user, `key-${n}`)
        for (const [n, user] of users.entries()) expect(await keysOf(user)).to.deep.equal([`key-${n}`])
      })

      it('outlive the end of one of several sessions', async () => {
        await save(1)
        await save(2)
        await sessions.delete(tokenOf(1))
        expect(await keysOf(ann)).to.deep.equal(['key-1'])
      })
    })

    describe('touch', () => {
      it('records the last use and the end of a session', async () => {
        await save(1, ann, 'key', { unionid: 'u-ann' })
        const used = sessionOf(ann, { unionid: 'u-ann', lastSeenAt: start + 10, expiresAt: start + 1010 })
        await sessions.touch(tokenOf(1), used)
        expect(await sessions.find(tokenOf(1))).to.deep.equal(used)
      })

      it('leaves other sessions of the user alone', async () => {
        await save(1)
        await save(2)
        await sessions.touch(tokenOf(1), sessionOf(ann, { lastSeenAt: start + 10 }))
        expect(await sessions.find(tokenOf(2))).to.deep.equal(sessionOf(ann))
      })

      it('brings nothing back that was ended, and makes nothing up', async () => {
        await save(1)
        await sessions.delete(tokenOf(1))
        await sessions.touch(tokenOf(1), sessionOf(ann, { lastSeenAt: start + 10 }))
        await sessions.touch(tokenOf(2), sessionOf(ann))
        expect(await sessions.find(tokenOf(1))).to.equal(undefined)
        expect(await sessions.find(tokenOf(2))).to.equal(undefined)
      })
    })

    describe('delete', () => {
      it('ends this session and no other', async () => {
        await save(1)
        await save(2)
        await sessions.delete(tokenOf(1))
        expect(await sessions.find(tokenOf(1))).to.equal(undefined)
        expect(await sessions.find(tokenOf(2))).to.deep.equal(sessionOf(ann))
      })

      it('does nothing for a token that is no session, or none any more', async () => {
        await save(1)
        for (const token of [tokenOf(1), tokenOf(1), tokenOf(2), '', 'no token'])
          expect(await sessions.delete(token)).to.equal(undefined)
      })
    })

    it('does over any run of calls what the model does', async () => {
      let run = 0
      await fc.assert(
        fc.asyncProperty(fc.array(call, { maxLength: 60, size: 'max' }), async (calls) => {
          run++
          expect(await play(sessions, calls, run)).to.deep.equal(await play(createFakeSessions(), calls, run))
        }),
      )
    })

    it('is ready when nothing is wrong', async () => {
      expect(await sessions.ready()).to.equal(undefined)
      expect(await sessions.find(tokenOf(1))).to.equal(undefined)
    })

    it('fails with storage_unavailable, and names no secret, when the store is out of reach', async () => {
      await save(0xabc)
      await open.breakDown()
      const calls = [
        () => save(0xabd, ann, 'the-session-key'),
        () => sessions.find(tokenOf(0xabc)),
        () => sessions.touch(tokenOf(0xabc), sessionOf(ann)),
        () => sessions.delete(tokenOf(0xabc)),
        () => sessions.keys(ann),
        () => sessions.ready(),
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
        for (const secret of [tokenOf(0xabc), tokenOf(0xabd), 'the-session-key', 'o-ann'])
          expect(said).not.to.include(secret)
      }
    })

    // A store whose data belong to one instance has nothing to show to a second.
    if (onTrial.alone !== undefined) return

    describe('with a second instance on the same data', () => {
      const another = async (...secrets: string[]) => {
        if (open.another === undefined) throw new Error('say in `alone` why there is no second instance')
        return open.another(secrets)
      }

      it('shows there what was saved, used and ended here', async () => {
        const second = await another('secret')
        await save(1, ann, 'key-1')
        expect(await second.find(tokenOf(1))).to.deep.equal(sessionOf(ann))
        expect(await second.keys(ann)).to.deep.equal([{ key: 'key-1', at: start }])
        const used = sessionOf(ann, { lastSeenAt: start + 10 })
        await sessions.touch(tokenOf(1), used)
        expect(await second.find(tokenOf(1))).to.deep.equal(used)
        await sessions.delete(tokenOf(1))
        expect(await second.find(tokenOf(1))).to.equal(undefined)
      })

      it('loses no key of logins that happen at once on both', async () => {
        const second = await another('secret')
        const login = { token: tokenOf(2), session: sessionOf(ann), sessionKey: 'key-2', ...unlimited }
        await Promise.all([save(1, ann, 'key-1'), second.save(login), save(3, ann, 'key-3')])
        expect(await keysOf(ann)).to.have.members(['key-1', 'key-2', 'key-3'])
      })

      it('gives no keys that were sealed under a secret it does not have', async () => {
        const second = await another('other')
        await save(1, ann, 'key-1')
        expect(await second.find(tokenOf(1))).to.deep.equal(sessionOf(ann))
        expect(await second.keys(ann)).to.deep.equal([])
      })

      it("replaces a ring it can't read by the new key alone", async () => {
        await save(1, ann, 'key-1')
        const second = await another('other')
        await second.save({ token: tokenOf(2), session: sessionOf(ann), sessionKey: 'key-2', ...unlimited })
        expect(await second.keys(ann)).to.deep.equal([{ key: 'key-2', at: start }])
        expect(await second.find(tokenOf(1))).to.deep.equal(sessionOf(ann))
      })

      it('reads what older secrets sealed, and seals under the newest', async () => {
        await save(1, ann, 'key-1')
        const rotated = await another('newest', 'secret')
        expect(await rotated.keys(ann)).to.deep.equal([{ key: 'key-1', at: start }])
        await rotated.save({ token: tokenOf(2), session: sessionOf(ann), sessionKey: 'key-1', ...unlimited })
        expect(await rotated.keys(ann)).to.deep.equal([{ key: 'key-1', at: start }])
        expect(await sessions.keys(ann)).to.deep.equal([])
      })
    })
  })
}

const userNumber = fc.nat({ max: 2 })
const saveNumber = fc.nat({ max: 9 })
const time = fc.integer({ min: start, max: start + 2 * REPLACED_KEY_LIFE })
const session = fc.record(
  {
    id: fc.stringMatching(/^[0-9a-f]{32}$/),
    unionid: fc.stringMatching(/^[!-~]{1,64}$/),
    createdAt: time,
    lastSeenAt: time,
    expiresAt: time,
  },
  { requiredKeys: ['id', 'createdAt', 'lastSeenAt', 'expiresAt'] },
)
const sessionKey = fc.constantFrom('key-1', 'key-2', 'key-3', 'key-4')
const call = fc.oneof(
  fc.record({ name: fc.constant('save' as const), session, user: userNumber, sessionKey }),
  fc.record({ name: fc.constant('find' as const), save: saveNumber }),
  fc.record({ name: fc.constant('touch' as const), save: saveNumber, session }),
  fc.record({ name: fc.constant('delete' as const), save: saveNumber }),
  fc.record({ name: fc.constant('keys' as const), user: userNumber }),
)
type Call = typeof call extends fc.Arbitrary<infer Value> ? Value : never

/** What each call gives, and a look at everything in the end. Users and tokens are those of this run alone. */
async function play(sessions: SessionRepository, calls: readonly Call[], run: number): Promise<unknown[]> {
  const userOf = (n: number) => ({ appid: `wx-${n >> 1}`, openid: `o-${n & 1}-${run}` })
  const tokenOfRun = (n: number) => tokenOf(run * 1000 + n)
  let saves = 0
  const perform = (one: Call): Promise<unknown> => {
    switch (one.name) {
      case 'save': {
        const session = { ...one.session, ...userOf(one.user) }
        return sessions.save({
          token: tokenOfRun(saves++),
          session,
          sessionKey: one.sessionKey,
          ...unlimited,
        })
      }
      case 'find':
        return sessions.find(tokenOfRun(one.save))
      case 'touch':
        return sessions.touch(tokenOfRun(one.save), { ...one.session, ...userOf(0) })
      case 'delete':
        return sessions.delete(tokenOfRun(one.save))
      case 'keys':
        return sessions.keys(userOf(one.user))
    }
  }
  const results: unknown[] = []
  for (const one of calls) results.push(await perform(one))
  for (let n = 0; n < saves; n++) results.push(await sessions.find(tokenOfRun(n)))
  for (let n = 0; n <= 2; n++) results.push(await sessions.keys(userOf(n)))
  return results
}
