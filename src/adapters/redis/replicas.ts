import { setImmediate as endOfTurn } from 'node:timers/promises'
import { R3SessionError } from '../../domain/errors.js'
import type { RawStore } from '../store/raw-store.js'
import type { Connection } from './connection.js'
import type { Names } from './names.js'

/** What is durable, and so has to be on the replicas too. */
const durable = ['save', 'delete', 'endOne', 'endAll', 'putRing', 'ready'] as const

/**
 * A raw store that confirms what is durable only when so many replicas have it in their memory. Where too few tell so in
 * time it fails with `storage_unavailable`, and the write may stay.
 *
 * @param writing the same store over a connection of its own, which WAIT may hold up
 */
export function confirmedByReplicas(
  raw: RawStore,
  writing: RawStore,
  { call }: Connection,
  { replicas, deadline, names }: { replicas: number; deadline: number; names: Names },
): RawStore {
  let waiting: Promise<number> | undefined

  /** Once for all writes that were answered in one turn of the event loop: replicas have everything up to here, or not. */
  async function ask(): Promise<number> {
    await endOfTurn()
    waiting = undefined
    // WAIT goes by the last write of its connection, and a new connection has none.
    const [, reached] = await Promise.all([
      call((redis) => redis.set(names.probe, '1', 'PX', deadline)),
      // Ends before its call does, so that those behind it are answered.
      call((redis) => redis.wait(replicas, Math.ceil(deadline * 0.8))),
    ])
    return reached
  }

  const confirmed = Object.fromEntries(
    durable.map((name) => {
      const write = writing[name] as (...args: unknown[]) => Promise<unknown>
      return [
        name,
        async (...args: unknown[]) => {
          const outcome = await write(...args)
          waiting ??= ask()
          const reached = await waiting
          if (reached >= replicas) return outcome
          const cause = new Error(`Redis: ${reached} of ${replicas} replicas have it`)
          throw new R3SessionError('storage_unavailable', { cause })
        },
      ]
    }),
  ) as Pick<RawStore, (typeof durable)[number]>
  return { ...raw, ...confirmed }
}
