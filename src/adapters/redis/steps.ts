/** The steps of an ending, one by one in a cluster. */
import type { Session } from '../../domain/session.js'
import type { Connection } from './connection.js'
import type { Names } from './names.js'

export function createSteps({ run, call, isCluster }: Connection, names: Names) {
  const raise = () => run('raise', [names.epoch], [])

  /**
   * Ends sessions of a user: gone, then told to every process by the epoch, and only then no longer the user's. Whoever
   * tries again after a crash in between finds them still there, and raises the epoch.
   *
   * @param user the user's key
   * @param kind what stands before an id in the user's hash
   * @param places ids and hashes in turn
   */
  async function endPlaces(user: string, kind: string, places: readonly string[]): Promise<void> {
    if (places.length === 0) return
    const hashes = places.filter((_, at) => at % 2 === 1)
    const fields = places.filter((_, at) => at % 2 === 0).map((id) => `${kind}${id}`)
    await Promise.all(hashes.map((hash) => call((redis) => redis.del(`${names.sessionPrefix}${hash}`))))
    await raise()
    await call((redis) => redis.hdel(user, ...fields))
  }

  return {
    endPlaces,

    /** Records the answer of an attempt that its user points to, unless the user is forgotten meanwhile. */
    async finish(user: string, attempt: string, args: readonly [string, string, string]): Promise<void> {
      await run('finish', [attempt], [...args, user])
      const stays = await call((redis) => redis.hget(user, `a:${args[2]}`))
      if (stays === null) await run('forget', [attempt], [user])
    },

    /** Ends a session that its user never had. */
    async endRecord(record: string): Promise<void> {
      await call((redis) => redis.del(record))
      await raise()
    },

    /** The rest of the ending of a session that is marked. */
    async end(session: Session, record: string): Promise<void> {
      await raise()
      await call((redis) => redis.hdel(names.user(session), `s:${session.id}`))
      await call((redis) => redis.del(record))
    },

    /** Ends all of a user's sessions, and tells how many lived. */
    async endUser(
      user: string,
      when: { now: number; rememberUntil: number; forget: boolean },
    ): Promise<number> {
      const { now, rememberUntil, forget } = when
      const args = [now, rememberUntil, forget ? '1' : '0', names.sessionPrefix, names.attemptPrefix]
      if (!isCluster) return Number(((await run('endAll', [user, names.epoch], args)) as number[])[0])

      // Logins that asked for the epoch before this are refused from the next step on.
      const epoch = String(await raise())
      const [lived, ...rest] = (await run('endAll', [user], [...args, epoch])) as [number, ...string[]]
      const middle = rest.indexOf('')
      await endPlaces(user, '', rest.slice(0, middle))
      for (const attempt of rest.slice(middle + 1)) {
        await run('forget', [`${names.attemptPrefix}${attempt}`], [user])
        await call((redis) => redis.hdel(user, `a:${attempt}`))
      }
      return lived
    },
  }
}
