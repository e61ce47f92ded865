/** The store in a process of its own, which does what its parent says and tells when it is done. */
import { randomBytes } from 'node:crypto'
import { openSqliteStore } from '../../support/store/open-sqlite-store.js'

const DAY = 24 * 3_600_000

export interface Asked {
  readonly id: number
  readonly what:
    | { readonly open: string; readonly secret: string }
    | { readonly login: string }
    | { readonly logout: string }
    | { readonly lives: string }
}

export interface Told {
  readonly id: number
  readonly result?: unknown
  readonly failure?: string
}

let store: ReturnType<typeof openSqliteStore> | undefined

async function answerTo(what: Asked['what']): Promise<unknown> {
  if ('open' in what) {
    store = openSqliteStore({ path: what.open, secrets: [what.secret], clock: Date.now })
    return undefined
  }
  if (store === undefined) throw new Error('not open')
  const { sessions } = store
  if ('logout' in what) return (await sessions.delete(what.logout)) !== undefined
  if ('lives' in what) return (await sessions.find(what.lives)) !== undefined
  const [token, id] = [randomBytes(64).toString('hex'), randomBytes(16).toString('hex')]
  const now = Date.now()
  await sessions.save({
    token,
    session: {
      appid: 'wx0123456789abcdef',
      openid: what.login,
      id,
      createdAt: now,
      lastSeenAt: now,
      expiresAt: now + DAY,
    },
    sessionKey: randomBytes(16).toString('base64'),
    epoch: await sessions.epoch(),
    maxSessions: 10,
  })
  return token
}

process.on('message', ({ id, what }: Asked) => {
  answerTo(what).then(
    (result) => process.send?.({ id, result } satisfies Told),
    (error: unknown) => process.send?.({ id, failure: String(error) } satisfies Told),
  )
})
