import { setImmediate as endOfTurn } from 'node:timers/promises'
import type { Session } from '../../domain/session.js'
import type { Hash } from '../store/raw-store.js'
import type { Connection } from './connection.js'
import type { Names } from './names.js'
import { sessionIn } from './session-text.js'

/** A session, and an epoch that was read no later. */
export interface Found {
  readonly session: Session | undefined
  readonly epoch: number
}

/**
 * Reads sessions, and the epoch. One server is asked with one command for all that is looked for in one turn of the event
 * loop: as many commands take three times as much of its CPU (bench/redis-verify.mjs). In a cluster each has its own server.
 */
export function createFinds({ call, isCluster }: Connection, names: Names) {
  let latest = 0
  let gathered: { readonly keys: string[]; readonly texts: Promise<(string | null)[]> } | undefined

  function noted(text: string | null | undefined): number {
    // Where there is none Redis was emptied under this connection: nothing that was read before may be told from memory.
    latest = text ? Math.max(latest, Number(text)) : latest + 1
    return latest
  }

  function gather() {
    const keys = [names.epoch]
    const texts = endOfTurn().then(() => {
      gathered = undefined
      return call((redis) => redis.mget(keys))
    })
    return { keys, texts }
  }

  const epoch = async () => noted(await call((redis) => redis.get(names.epoch)))

  async function onServer(record: string): Promise<Found> {
    gathered ??= gather()
    const at = gathered.keys.push(record) - 1
    const texts = await gathered.texts
    return { session: sessionIn(texts[at] ?? null), epoch: noted(texts[0]) }
  }

  async function inCluster(record: string): Promise<Found> {
    // Two servers answer in either order, but both after what was read before.
    const before = latest
    const [text] = await Promise.all([call((redis) => redis.get(record)), epoch()])
    return { session: sessionIn(text), epoch: before }
  }

  const find = isCluster ? inCluster : onServer
  return { epoch, find: (tokenHash: Hash) => find(names.session(tokenHash)) }
}
