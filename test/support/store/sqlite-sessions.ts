import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { inspect } from 'node:util'
import { expect } from 'chai'
import { R3SessionError } from '#src/domain/errors.js'
import type { NewLogin } from '#src/domain/ports.js'
import { temporaryFolder } from '../service/spawn-service.js'
import { openSqliteSessions } from './open-sqlite-store.js'

export const now = Date.UTC(2026, 0, 1)

/** Random enough to be found nowhere by chance. */
export const tokenOf = (n: number) => createHash('sha512').update(`token ${n}`).digest('hex')

/** The login of the n-th user, unless another one is named. */
export const loginOf = (
  n: number,
  { openid = `o-${n}`, expiresAt = now + 1000, sessionKey = 'key' } = {},
): NewLogin => ({
  token: tokenOf(n),
  session: { appid: 'wx', openid, id: `id-${n}`, createdAt: now, lastSeenAt: now, expiresAt },
  sessionKey,
  epoch: 0,
  maxSessions: 10,
})

export const numbers = (count: number) => Array.from({ length: count }, (_, n) => n)

/** The cause of a `storage_unavailable`. */
export async function failureOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).to.be.instanceOf(R3SessionError).and.include({ code: 'storage_unavailable' })
  expect(inspect(error, { depth: 9 })).not.to.include('SqliteError')
  return ((error as R3SessionError).cause as Error).message
}

export type Sessions = ReturnType<typeof openSqliteSessions>

export const everyCall = (sessions: Sessions) => [
  () => sessions.save(loginOf(99)),
  () => sessions.find(tokenOf(0)),
  () => sessions.touch(tokenOf(0), loginOf(0).session),
  () => sessions.delete(tokenOf(0)),
  () => sessions.keys(loginOf(0).session),
  () => sessions.ready(),
  () => sessions.sweep(),
]

/** Gives each test of the suite a folder of its own; what it opens there is closed after it. */
export function withSqliteSessions() {
  let folder: ReturnType<typeof temporaryFolder>
  let opened: Sessions[]
  beforeEach(() => {
    folder = temporaryFolder()
    opened = []
  })
  afterEach(async () => {
    await closeAll()
    folder.remove()
  })

  const path = () => join(folder.path, 'sessions.db')
  const closeAll = () => Promise.all(opened.map((each) => each.close()))

  return {
    folder: () => folder.path,
    path,
    closeAll,
    open({
      at = path(),
      secret = 'secret',
      clock = () => now,
      pause = async (): Promise<unknown> => nextTurn(),
    } = {}): Sessions {
      const sessions = openSqliteSessions({ path: at, secrets: [secret], clock, pause })
      opened.push(sessions)
      return sessions
    },
  }
}
