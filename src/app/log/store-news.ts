/** What the log says of the store, when it is opened and while it is used. */
import type { Log } from './logger.js'

/** What was found in a database as it was opened. */
export function sayFound(
  log: Log,
  path: string,
  found: { wasEmpty: boolean; unread: string | undefined },
): void {
  if (found.wasEmpty) {
    const advice = 'if it has held sessions, stop, and put a backup in its place'
    log.info({ store: path, advice }, 'the database was an empty file, and begins anew')
  }
  if (found.unread !== undefined) {
    const command = `sqlite3 ${path} 'PRAGMA quick_check'`
    log.info({ reason: found.unread, command }, 'the store was not read whole to find damage')
  }
}

/** What becomes of the connection to Redis. */
export function redisNews(log: Log, store: string) {
  let isBack = false
  return {
    lost(reason: string): void {
      isBack = true
      log.error({ store, reason }, 'the store is out of reach')
    },
    found(doubts: readonly string[]): void {
      if (isBack) log.info({ store }, 'the store is there again')
      for (const doubt of doubts) {
        const advice = 'set appendonly to yes: without it a restart of Redis logs everybody out'
        log.error({ store, reason: doubt, advice }, 'what the store confirms may be lost')
      }
    },
  }
}
