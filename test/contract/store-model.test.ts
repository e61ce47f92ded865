import { expect } from 'chai'
import fc from 'fast-check'
import { withoutKey, withResetKey } from '#src/domain/key-ring.js'
import type { Repositories } from '#src/domain/ports.js'
import { isAlive, type Session } from '#src/domain/session.js'
import { createFakeStore } from '../support/store/fake-store.js'
import { claimAt, codeOf, endingAt, idOf, loginOf, start, tokenOf } from '../support/store/logins.js'
import { describeEachStore } from './stores.js'

const few = fc.nat({ max: 2 })
const step = fc.record({
  /** Milliseconds since the step before. */
  after: fc.constantFrom(1, 5, 500, 3_000, 10_000, 30_000),
  name: fc.constantFrom(
    'login',
    'login',
    'epoch',
    'find',
    'touch',
    'delete',
    'endOne',
    'endAll',
    'forget',
    'list',
    'resetKey',
    'markKey',
    'claim',
    'finish',
    'abandon',
    'claimToken',
    'writeToken',
  ),
  user: few,
  code: few,
  key: few,
  /** Which of the logins so far, counted from the latest. */
  back: fc.nat({ max: 4 }),
  maxSessions: fc.constantFrom(1, 2, 3, 100),
  life: fc.constantFrom(1, 2_000, 60_000),
  withAttempt: fc.boolean(),
})
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

describeEachStore('a store', (current) => {
  it('does over any run of calls what the fake does', async () => {
    let run = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
        run++
        const expected = await play([createFakeStore()], steps, run)
        const { told, raised } = await play([current().here, current().there], steps, run)
        expect(told).to.deep.equal(expected.told)
        // Once too often does no harm.
        expect(raised).to.include.members(expected.raised)
      }),
      { numRuns: 60 },
    )
  }).timeout(60_000)
})

/** What each call gives, the processes taking turns. Users, codes and tokens are those of this run alone. */
async function play(processes: readonly Repositories[], steps: readonly Step[], run: number) {
  const told: unknown[] = []
  /** The numbers of the steps that raised the epoch. */
  const raised: number[] = []
  const logins: number[] = []
  let now = start
  let epoch = 0
  for (const [n, { name, ...given }] of steps.entries()) {
    const store = processes[n % processes.length]
    if (store === undefined) break
    const { sessions, keyRings, loginAttempts, tokens } = store
    now += given.after
    const epochBefore = await sessions.epoch()
    if (n === 0) epoch = epochBefore
    const user = { appid: `wx-${given.user >> 1}-${run}`, openid: `o-${given.user & 1}` }
    const attempt = { appid: user.appid, code: `code-${given.code}`, key: `key-${given.key}` }
    const sessionKey = `key-${given.key}`
    const which = logins.at(-1 - given.back) ?? -1
    const token = tokenOf(run * 1000 + which)
    const times = { createdAt: now, expiresAt: now + given.life }
    const { session } = loginOf(Math.max(which, 0), user, { ...times, lastSeenAt: now })
    const lives = alive(await sessions.find(token)) !== undefined
    const calls: Record<Step['name'], () => Promise<unknown>> = {
      login: () => {
        logins.push(n)
        const login = loginOf(n, user, {
          ...times,
          token: tokenOf(run * 1000 + n),
          sessionKey,
          epoch,
          maxSessions: given.maxSessions,
          ...(given.withAttempt ? { attempt } : {}),
        })
        return codeOf(sessions.save(login))
      },
      epoch: async () => {
        epoch = await sessions.epoch()
      },
      find: async () => alive(await sessions.find(token)),
      // What is past its end may be there or gone.
      touch: async () => lives && sessions.touch(token, session),
      delete: async () => lives && sessions.delete(token),
      endOne: async () => lives && sessions.endOne(user, idOf(Math.max(which, 0))),
      endAll: () => sessions.endAll(user, endingAt(now)),
      forget: () => sessions.forget(user, endingAt(now)),
      list: () => sessions.list(user, now),
      resetKey: () => keyRings.change(user, (ring) => withResetKey(ring, sessionKey, now)),
      markKey: () => keyRings.change(user, (ring) => withoutKey(ring, sessionKey, now)),
      claim: () => loginAttempts.claim(attempt, claimAt(now)),
      finish: () => loginAttempts.finish(attempt, user, { r3session: token, expiresAt: now }),
      abandon: () => loginAttempts.abandon(attempt),
      claimToken: () => tokens.claim(user.appid, now, now + 1_000),
      writeToken: () =>
        tokens.write(user.appid, { accessToken: sessionKey, expiresAt: now + 9, refreshAt: now }),
    }
    const result = await calls[name]()
    const live = await sessions.list(user, now)
    const ring = await keyRings.keys(user)
    if ((await sessions.epoch()) > epochBefore) raised.push(n)
    told.push([name, result, live, ring, await tokens.read(user.appid)])
  }
  return { told, raised }

  /** Past its end a session may be given or not. */
  function alive(session: Session | undefined): Session | undefined {
    return session !== undefined && isAlive(session, now) ? session : undefined
  }
}
