import fc from 'fast-check'
import { withoutKey, withResetKey } from '#src/domain/key-ring.js'
import type { Repositories } from '#src/domain/ports.js'
import { isAlive, type Session, type UserKey } from '#src/domain/session.js'
import { claimAt, codeOf, endingAt, idOf, loginOf, tokenOf } from '../../support/store/logins.js'

const [SECOND, MINUTE, DAY] = [1_000, 60_000, 24 * 3_600_000]

/** How often each command comes up. Half of the work of a service is logins and sessions that are looked for. */
const names = {
  login: 24,
  find: 12,
  touch: 8,
  delete: 8,
  endOne: 4,
  endAll: 4,
  forget: 4,
  list: 4,
  epoch: 8,
  ready: 4,
  resetKey: 4,
  markKey: 4,
  claim: 8,
  finish: 4,
  abandon: 4,
  claimToken: 4,
  writeToken: 4,
  releaseToken: 4,
  sweep: 3,
  // A process takes 50 ms to start its thread, as long as a hundred other commands.
  reopen: 1,
} as const
type Name = keyof typeof names

const few = fc.nat({ max: 2 })

/** One command, with everything that any command may need to know. */
export const command = fc.record({
  /** Milliseconds since the command before; processes have clocks that differ a little, so some are below 0. */
  after: fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(1, 5, 500, 3 * SECOND, 10 * SECOND, 30 * SECOND) },
    { weight: 1, arbitrary: fc.constantFrom(-1, -2 * SECOND) },
    { weight: 1, arbitrary: fc.constantFrom(10 * MINUTE, 40 * DAY) },
  ),
  name: fc.oneof(
    ...Object.entries(names).map(([name, weight]) => ({ weight, arbitrary: fc.constant(name as Name) })),
  ),
  user: few,
  code: few,
  key: few,
  /** Which of the logins so far, counted from the latest. */
  back: fc.nat({ max: 4 }),
  maxSessions: fc.constantFrom(1, 2, 3, 100),
  life: fc.constantFrom(1, 2 * SECOND, MINUTE, 3 * DAY),
  withAttempt: fc.boolean(),
})
export type Command = typeof command extends fc.Arbitrary<infer Value> ? Value : never

/** What a player plays on: the store as a process has it. */
export interface Ground {
  /** As the process has it whose turn it is; after `reopen` it is another one. */
  repositories(): Repositories
  sweep(): Promise<void>
  reopen(): Promise<void>
}

/**
 * Plays one run of commands on one store, and says of each what came of it, in words that are the same for every store
 * that keeps the contract. Users, codes and tokens are those of this run alone.
 */
export function createPlayer(run: number) {
  const logins: number[] = []
  const users = [0, 1, 2].map((n) => ({ appid: `wx-${n >> 1}-${run}`, openid: `o-${n & 1}` }))
  /** Users whose ring and endings a sweep may have deleted, or not. */
  const unsure = new Set<UserKey>()
  let noted: { epoch: number; at: number } | undefined

  return async function play(n: number, { name, ...given }: Command, now: number, ground: Ground) {
    const { sessions, keyRings, loginAttempts, tokens } = ground.repositories()
    const user = users[given.user] as UserKey
    // So that it makes no difference.
    if (unsure.delete(user)) {
      await sessions.forget(user, endingAt(now))
      noted = undefined
    }
    const before = await sessions.epoch()
    // No login takes longer than an ending is remembered.
    if (noted === undefined || now - noted.at > 50 * MINUTE) noted = { epoch: before, at: now }
    const { epoch } = noted
    const attempt = { appid: user.appid, code: `code-${given.code}`, key: `key-${given.key}` }
    const sessionKey = `key-${given.key}`
    const which = logins.at(-1 - given.back) ?? -1
    const token = tokenOf(run * 1000 + which)
    const times = { createdAt: now, expiresAt: now + given.life }
    const { session } = loginOf(Math.max(which, 0), user, { ...times, lastSeenAt: now })
    const found = await recorded()
    // One that is over may be deleted by now, or not: then it makes no difference, or it should not.
    const isOver = found === undefined || !isAlive(found, now)

    const calls: Record<Name, () => Promise<unknown>> = {
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
      find: async () => {
        const here = alive(await recorded())
        const remembered = await sessions.find(token, () => true)
        // Memory may be behind in when it was last in use, and in nothing else.
        return here && { here, remembered: remembered && { ...remembered, lastSeenAt: 0, expiresAt: 0 } }
      },
      // Nobody is let in with one that is over, so nobody touches it.
      touch: async () => (isOver ? undefined : sessions.touch(token, session)),
      delete: async () => alive(await sessions.delete(token)),
      endOne: async () => (await sessions.endOne(user, idOf(Math.max(which, 0)))) && !isOver,
      endAll: () => sessions.endAll(user, endingAt(now)),
      forget: () => sessions.forget(user, endingAt(now)),
      list: () => sessions.list(user, now),
      epoch: async () => {
        noted = { epoch: before, at: now }
      },
      ready: () => sessions.ready(),
      resetKey: () => keyRings.change(user, (ring) => withResetKey(ring, sessionKey, now)),
      markKey: () => keyRings.change(user, (ring) => withoutKey(ring, sessionKey, now)),
      claim: () => loginAttempts.claim(attempt, claimAt(now)),
      finish: () => loginAttempts.finish(attempt, user, { r3session: token, expiresAt: now }),
      abandon: () => loginAttempts.abandon(attempt),
      claimToken: () => tokens.claim(user.appid, now, now + SECOND),
      writeToken: () =>
        tokens.write(user.appid, { accessToken: sessionKey, expiresAt: now + 9, refreshAt: now }),
      releaseToken: () => tokens.release(user.appid),
      async sweep() {
        await ground.sweep()
        for (const each of users) if ((await sessions.list(each, now)).length === 0) unsure.add(each)
      },
      reopen: () => ground.reopen(),
    }
    const result = await calls[name]()
    const after = ground.repositories()
    const isEnding = (name === 'delete' || name === 'endOne') && isOver
    const live = await after.sessions.list(user, now)
    // A ring lives as long as a session of its user; then a sweep may take it.
    const ring = unsure.has(user) ? [] : await after.keyRings.keys(user)
    const raised = (await after.sessions.epoch()) > before
    return {
      name,
      result,
      live,
      ring,
      token: await after.tokens.read(user.appid),
      raised: raised && !isEnding,
    }

    function recorded(): Promise<Session | undefined> {
      return sessions.find(token, () => false)
    }

    function alive(session: Session | undefined): Session | undefined {
      return session !== undefined && isAlive(session, now) ? session : undefined
    }
  }
}
