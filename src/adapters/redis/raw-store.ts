import type { Session, UserKey } from '../../domain/session.js'
import type { RawLogin, RawStore } from '../store/raw-store.js'
import type { Connection } from './connection.js'
import { createCount } from './count.js'
import { createFinds } from './finds.js'
import { createNames, textOf } from './names.js'
import { endedSessionIn, entryText, sessionIn, sessionOfEntry, sessionText } from './session-text.js'
import { createSteps } from './steps.js'

/** Milliseconds that a ring lives whose user has no session yet. */
const DAY = 86_400_000

/**
 * A raw store in Redis. On one server each operation is one script, and so one step. In a cluster those that reach
 * beyond one key are several steps, in an order in which one that never comes harms nobody: a session is there before
 * its user has it, and the user has it until it is gone, so that every session that opens can be found and ended.
 *
 * An operation that fails may still have happened, where it was the answer that did not come.
 */
export function createRedisRawStore(connection: Connection, prefix: string): RawStore {
  const names = createNames(prefix)
  const { run, call, isCluster } = connection
  const { end, endRecord, endUser, endPlaces, finish } = createSteps(connection, names)
  const finds = createFinds(connection, names)
  const one = !isCluster

  async function save(login: RawLogin): ReturnType<RawStore['save']> {
    const { tokenHash, session, ring, epoch, maxSessions, attempt } = login
    const { id, createdAt, lastSeenAt, expiresAt } = session
    const [user, record] = [names.user(session), names.session(tokenHash)]
    const [text, ttl] = [sessionText(session), Math.max(expiresAt - lastSeenAt, 0)]
    const code = attempt ? textOf(attempt.codeHash) : ''
    const key = attempt ? textOf(attempt.keyHash) : ''
    const attemptName = attempt ? [names.attempt(attempt.codeHash)] : []
    if (isCluster) await run('record', [record], [text, ttl])
    const keys = one ? [user, record, names.epoch, ...attemptName] : [user]
    const [outcome, madeRoom, ...places] = (await run('save', keys, [
      ...[ring.sealed, ring.replaces ?? '', epoch, maxSessions, id],
      ...[entryText(tokenHash, session), createdAt, ttl],
      ...[text, names.sessionPrefix, code, key, attempt?.sealedAnswer ?? ''],
    ])) as [string, number, ...string[]]
    if (isCluster) {
      // An `outdated` one comes again, with the same record.
      if (outcome === 'ended') await endRecord(record)
      if (outcome === 'saved') await endPlaces(user, 'x:', places)
      for (const name of attemptName) {
        if (outcome === 'saved') await finish(user, name, [key, attempt?.sealedAnswer ?? '', code])
        if (outcome === 'ended') await run('abandon', [name], [key])
      }
    }
    return outcome === 'saved' ? { madeRoom } : (outcome as 'outdated' | 'ended')
  }

  async function list(user: UserKey, now: number): Promise<readonly Session[]> {
    const fields = await call((redis) => redis.hgetall(names.user(user)))
    return Object.entries(fields)
      .filter(([name]) => name.startsWith('s:'))
      .map(([name, entry]) => sessionOfEntry(user, name.slice(2), entry))
      .filter(({ expiresAt }) => now < expiresAt)
      .sort((first, second) => second.createdAt - first.createdAt)
  }

  return {
    save,
    epoch: finds.epoch,
    find: async (tokenHash) => (await finds.find(tokenHash)).session,
    findWithEpoch: finds.find,
    isDistant: true,

    async touch(tokenHash, { lastSeenAt, expiresAt }) {
      const userPrefix = one ? names.userPrefix : ''
      const text = await run('touch', [names.session(tokenHash)], [userPrefix, lastSeenAt, expiresAt])
      if (text === 'seen later') return true
      const session = sessionIn(text as string | null)
      if (isCluster && session) {
        await run('touchUser', [names.user(session)], [session.id, lastSeenAt, expiresAt])
      }
      return session !== undefined
    },

    async delete(tokenHash) {
      const record = names.session(tokenHash)
      const text = await run('delete', one ? [record, names.epoch] : [record], [names.userPrefix])
      const session = endedSessionIn(text as string | null)
      if (isCluster && session) await end(session, record)
      return session
    },

    list,

    async endOne(user, id) {
      const name = names.user(user)
      if (one) return (await run('endOne', [name, names.epoch], [id, names.sessionPrefix])) === 1
      const [hash] = (await call((redis) => redis.hget(name, `s:${id}`)))?.split(' ') ?? []
      if (hash !== undefined) await endPlaces(name, 's:', [id, hash])
      return hash !== undefined
    },

    endAll: (user, when) => endUser(names.user(user), when),

    ring: async (user) => (await call((redis) => redis.hget(names.user(user), 'ring'))) ?? undefined,
    async putRing(user, { sealed, replaces }) {
      const saved = await run('putRing', [names.user(user)], [sealed, replaces ?? '', DAY])
      return saved === 1 ? 'saved' : 'outdated'
    },

    async claim({ codeHash, keyHash }, { now, leaseUntil, rememberUntil }) {
      const args = [textOf(keyHash), now, leaseUntil, rememberUntil]
      const [outcome, sealedAnswer = ''] = (await run('claim', [names.attempt(codeHash)], args)) as string[]
      return outcome === 'answer' ? { sealedAnswer } : (outcome as 'first' | 'running' | 'taken')
    },

    async finish({ codeHash, keyHash, sealedAnswer, user }) {
      const [attempt, code] = [names.attempt(codeHash), textOf(codeHash)]
      // First, so that whoever forgets the user finds the answer.
      const args = [textOf(keyHash), sealedAnswer, code] as const
      if (isCluster) {
        const mayHave = await run('point', [names.user(user)], [code])
        if (mayHave === 1) await finish(names.user(user), attempt, args)
        else await run('abandon', [attempt], [textOf(keyHash)])
      } else await run('finish', [attempt, names.user(user)], [...args, names.user(user)])
    },

    async abandon({ codeHash, keyHash }) {
      await run('abandon', [names.attempt(codeHash)], [textOf(keyHash)])
    },

    token: async (appid) => (await call((redis) => redis.hget(names.token(appid), 'sealed'))) ?? undefined,
    claimToken: async (appid, now, until) =>
      (await run('claimToken', [names.token(appid)], [now, until])) === 1,
    async putToken(appid, sealed) {
      await run('putToken', [names.token(appid)], [sealed])
    },
    async releaseToken(appid) {
      await call((redis) => redis.hdel(names.token(appid), 'claimed'))
    },

    count: createCount(connection, names),

    async counted(name) {
      const { count, until } = await call((redis) => redis.hgetall(names.count(name)))
      return count && until ? { count: Number(count), until: Number(until) } : undefined
    },
    addCounts: (additions) =>
      Promise.all(
        additions.map(async ({ name, count, now, until }) => {
          const sum = (await run('addCount', [names.count(name)], [count, now, until])) as [number, string]
          return { count: sum[0], until: Number(sum[1]) }
        }),
      ),

    // A write, so that a server that is full, or only a replica, is not ready.
    async ready() {
      await call((redis) => redis.set(names.probe, '1', 'PX', DAY))
      await call((redis) => redis.get(names.epoch))
    },
  }
}
